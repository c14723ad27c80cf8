"""Clocks, which are passed as arguments: no other module reads the time or sleeps.

Times are integer microseconds of a monotonic clock, whose zero is arbitrary; only `wall()` is the time of day, in UTC.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Protocol

SECOND = 1_000_000


class Clock(Protocol):
    """A source of time."""

    def now(self) -> int:
        """Return monotonic microseconds."""
        ...

    def wall(self) -> dt.datetime:
        """Return the time of day, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Block the calling thread for so many seconds."""
        ...


class SystemClock:
    """The machine's clock. On Linux, its monotonic time is the same in all processes."""

    def now(self) -> int:
        """Return monotonic microseconds."""
        return time.monotonic_ns() // 1000

    def wall(self) -> dt.datetime:
        """Return the time of day, in UTC."""
        return dt.datetime.now(dt.UTC)

    def sleep(self, seconds: float) -> None:
        """Block the calling thread for so many seconds."""
        time.sleep(seconds)


SYSTEM = SystemClock()


def from_wall(nanoseconds: int) -> int:
    """Convert a time of day, in nanoseconds since 1970, to microseconds of the monotonic clock."""
    return (nanoseconds - time.time_ns() + time.monotonic_ns()) // 1000
