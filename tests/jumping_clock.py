"""A clock that jumps, and timers that ring on it."""

from __future__ import annotations

import datetime as dt

from foundation.timers import HeapTimers


class JumpingClock:
    """Time passes only when it is told to."""

    def __init__(self):
        self.time = 1_000_000

    def now(self):
        return self.time

    def wall(self):
        return dt.datetime.fromtimestamp(self.time / 1_000_000, dt.UTC)

    def sleep(self, seconds):
        self.time += round(seconds * 1_000_000)


class JumpingTimers(HeapTimers):
    """The real heap; `advance` takes the kernel's part."""

    def __init__(self, loop):
        self.clock = JumpingClock()
        super().__init__(loop, self.clock)

    def _arm(self, due):
        pass

    @property
    def pending(self) -> int:
        """Alarms in the heap, cancelled ones included."""
        return len(self._heap)

    def advance(self, microseconds: int) -> None:
        end = self.clock.time + microseconds
        while self._heap and self._heap[0][0] <= end:
            self.clock.time = max(self.clock.time, self._heap[0][0])
            self.ring_due()
        self.clock.time = end
