"""Time, as an argument: the only module that reads a clock or sleeps.

All times are integer microseconds on a monotonic scale whose zero means nothing; `wall()` alone is UTC.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Protocol

SECOND = 1_000_000


class Clock(Protocol):
    """Reads the time and waits."""

    def now(self) -> int:
        """Monotonic microseconds."""
        ...

    def wall(self) -> dt.datetime:
        """The time of day, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Block the calling thread."""
        ...


class SystemClock:
    """The machine's clock. On Linux every process reads the same monotonic scale."""

    def now(self) -> int:
        """Monotonic microseconds."""
        return time.monotonic_ns() // 1000

    def wall(self) -> dt.datetime:
        """The time of day, in UTC."""
        return dt.datetime.now(dt.UTC)

    def sleep(self, seconds: float) -> None:
        """Block the calling thread."""
        time.sleep(seconds)


SYSTEM = SystemClock()


def from_wall(nanoseconds: int) -> int:
    """The monotonic microseconds of a time of day, which is in nanoseconds since 1970."""
    return (nanoseconds - time.time_ns() + time.monotonic_ns()) // 1000
