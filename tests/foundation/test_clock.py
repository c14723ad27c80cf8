from __future__ import annotations

from foundation.clock import SystemClock


def test_the_system_clock_counts_microseconds():
    system = SystemClock()
    before, wall = system.now(), system.wall()
    system.sleep(0.001)
    assert system.now() - before >= 1000
    assert (system.wall() - wall).total_seconds() >= 0.001
    assert wall.tzinfo is not None
