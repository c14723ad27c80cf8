"""Time, as an argument: the only module that reads a clock or sleeps.

All times are integer microseconds on a monotonic scale whose zero means nothing; `wall()` alone is UTC.

Timers of an event loop: asyncio rounds its own to a millisecond. Where the platform has timerfd (Linux,
Python 3.13), one timerfd with absolute times and one heap serve all streams, to some 30 microseconds;
elsewhere the loop's own timers do.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import heapq
import itertools
import os
import time
from collections.abc import Callable
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


class Alarm:
    """A call that is due at a time; `cancel` makes it never happen."""

    __slots__ = ("call", "due")

    def __init__(self, due: int, call: Callable[[], object] | None) -> None:
        self.due = due
        self.call = call

    def cancel(self) -> None:
        """Forget the call. What it held is free at once; the heap drops the entry when it comes up."""
        self.call = None


class Timers(Protocol):
    """Calls functions of an event loop at absolute times of a clock."""

    def now(self) -> int:
        """The clock's microseconds."""
        ...

    def call_at(self, due: int, call: Callable[[], object]) -> Alarm:
        """Call `call()` at the time `due`, or as soon as it can when that has passed."""
        ...

    def close(self) -> None:
        """Release what the timers hold; nothing is called after."""
        ...


def open_timers(clock: Clock = SYSTEM) -> Timers:
    """The best timers that the platform has for the running event loop."""
    loop = asyncio.get_running_loop()
    if hasattr(os, "timerfd_create"):
        return TimerfdTimers(loop, clock)
    return LoopTimers(loop, clock)


class TimerfdTimers:
    """One timerfd and one heap for every alarm of an event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        self._loop = loop
        self._clock = clock
        self._heap: list[tuple[int, int, Alarm]] = []
        self._order = itertools.count()
        self._armed = 0  # what the timerfd is set to, 0 when it is not
        self._fd = os.timerfd_create(time.CLOCK_MONOTONIC, flags=os.TFD_NONBLOCK | os.TFD_CLOEXEC)
        loop.add_reader(self._fd, self._expired)

    def now(self) -> int:
        """The clock's microseconds."""
        return self._clock.now()

    def call_at(self, due: int, call: Callable[[], object]) -> Alarm:
        """Call `call()` at the time `due`, or as soon as it can when that has passed."""
        alarm = Alarm(due, call)
        heapq.heappush(self._heap, (due, next(self._order), alarm))
        if not self._armed or due < self._armed:
            self._arm(due)
        return alarm

    def close(self) -> None:
        """Release the timerfd; nothing is called after."""
        self._loop.remove_reader(self._fd)
        os.close(self._fd)
        self._heap.clear()

    def _arm(self, due: int) -> None:
        # Zero would disarm; a time that has passed fires at once.
        self._armed = max(due, 1)
        os.timerfd_settime_ns(self._fd, flags=os.TFD_TIMER_ABSTIME, initial=self._armed * 1000)

    def _expired(self) -> None:
        try:
            os.read(self._fd, 8)
        except BlockingIOError:  # armed again for a later time since it fired
            return
        self._armed = -1  # alarms that the calls below set are armed once, at the end
        try:
            run_due(self._heap, self._clock)
        finally:
            self._armed = 0
            if self._heap:
                self._arm(self._heap[0][0])


class LoopTimers:
    """The event loop's own timers, a millisecond coarse."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        self._loop = loop
        self._clock = clock

    def now(self) -> int:
        """The clock's microseconds."""
        return self._clock.now()

    def call_at(self, due: int, call: Callable[[], object]) -> Alarm:
        """Call `call()` at the time `due`, or as soon as it can when that has passed."""
        alarm = Alarm(due, call)
        self._loop.call_later(max(0, due - self._clock.now()) / SECOND, ring, alarm)
        return alarm

    def close(self) -> None:
        """Nothing to release: the loop owns its timers."""


def ring(alarm: Alarm) -> None:
    """Make the alarm's call, once, unless it was cancelled."""
    call, alarm.call = alarm.call, None
    if call is not None:
        call()


def run_due(heap: list[tuple[int, int, Alarm]], clock: Clock) -> None:
    """Make every call that is due by now, in the order of their times."""
    while heap and heap[0][0] <= clock.now():
        ring(heapq.heappop(heap)[2])
