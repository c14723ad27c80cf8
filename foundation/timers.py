"""Timers for an event loop, accurate to about 30 microseconds where the platform allows it.

asyncio rounds its own timers to a millisecond. Where there is timerfd (Linux, from Python 3.13 on), one timerfd with
absolute times and one heap of alarms serve all streams; elsewhere the loop's own timers wake the heap.

A timerfd wakes the process some tens of microseconds late. `TimerfdTimers` measures that as a moving average, the
*lead*, and sets the timerfd earlier by it. When the process then wakes before an alarm is due, the loop turns until it
is:

    alarm due at 10 000, lead 40    the timerfd is set to 9 960
    wakes at 9 990                  too early by 10: the loop turns once or twice, then the alarm rings at 10 000
    late by 30 instead of 40        lead becomes 38: it moves by an eighth of the difference
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

from foundation.clock import SECOND, SYSTEM, Clock

DAY = 86_400 * SECOND

FAR_FUTURE = 2**53
"""Latest time that the timerfd is set to, in microseconds: 285 years, which fit 63 bits as nanoseconds."""

LONGEST_LEAD = 300
"""Microseconds for which the loop may turn, at most, until an alarm is due."""

MOST_CANCELLED = 64
"""Cancelled alarms that stay in a heap however small it is; beyond that they are removed once they are most of it."""


class Alarm:
    """A call that is due at a time, unless it is cancelled before."""

    __slots__ = ("_on_cancel", "call", "due")

    def __init__(self, due: int, call: Callable[[], object], forgotten: Callable[[], None]) -> None:
        self.due = due
        self.call: Callable[[], object] | None = call
        self._on_cancel = forgotten

    def cancel(self) -> None:
        """Drop the call and all that it references."""
        if self.call is not None:
            self.call = None
            self._on_cancel()

    def ring(self) -> None:
        """Make the call, unless it has been made or cancelled."""
        call, self.call = self.call, None
        if call is not None:
            call()


class Timers(Protocol):
    """Calls functions in an event loop at absolute times of a clock."""

    def now(self) -> int:
        """Return the clock's microseconds."""
        ...

    def call_at(self, due: int, call: Callable[[], object]) -> Alarm:
        """Call `call()` at the time `due`, or as soon as it can when that has passed."""
        ...

    def close(self) -> None:
        """Release all resources; nothing is called from then on."""
        ...


def open_timers(clock: Clock = SYSTEM) -> Timers:
    """Return the most accurate timers that the platform has for the running event loop."""
    loop = asyncio.get_running_loop()
    if hasattr(os, "timerfd_create"):
        return TimerfdTimers(loop, clock)
    return LoopTimers(loop, clock)


async def sleep_until(timers: Timers, due: int) -> None:
    """Wait until the time `due`. When the task is cancelled meanwhile, its alarm is cancelled, too."""
    reached = asyncio.get_running_loop().create_future()
    # The alarm may ring after the future was cancelled and before the task has run: a cancelled one cannot be set.
    alarm = timers.call_at(due, lambda: None if reached.done() else reached.set_result(None))
    try:
        await reached
    finally:
        alarm.cancel()


class HeapTimers(ABC):
    """Keeps all alarms in one heap; a subclass arranges that `ring_due` is called when the first of them is due.

    Alarms that are due at the same time ring in the order in which they were set. An alarm that raises is reported to
    the loop's exception handler, and the others ring all the same.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        self._loop = loop
        self._clock = clock
        self._heap: list[tuple[int, int, Alarm]] = []
        self._order = itertools.count()
        self._cancelled = 0
        self._armed: int | None = None  # when `ring_due` is to be called
        self._busy = False  # alarms are ringing; `ring_due` arms for those that they set, once
        self._closed = False

    def now(self) -> int:
        """Return the clock's microseconds."""
        return self._clock.now()

    def call_at(self, due: int, call: Callable[[], object]) -> Alarm:
        """Call `call()` at the time `due`, or as soon as it can when that has passed."""
        alarm = Alarm(due, call, self._on_cancel)
        if not self._closed:
            heapq.heappush(self._heap, (due, next(self._order), alarm))
            if not self._busy and (self._armed is None or due < self._armed):
                self._wake_at(due)
        return alarm

    def close(self) -> None:
        """Drop all alarms; nothing is called from then on."""
        self._closed = True
        self._heap.clear()

    @abstractmethod
    def _arm(self, due: int) -> None:
        """Arrange that `ring_due` is called at the time `due`, and not before."""

    def _wake_at(self, due: int) -> None:
        self._armed = due
        self._arm(due)

    def ring_due(self) -> None:
        """Ring every alarm that is due by now, in the order of their times.

        Alarms that are set or become due meanwhile ring in the next turn of the loop, so that sockets are served
        between.
        """
        now, self._armed, self._busy = self._clock.now(), None, True
        set_meanwhile = next(self._order)
        while self._heap and self._heap[0][0] <= now and self._heap[0][1] < set_meanwhile:
            self._ring(heapq.heappop(self._heap)[2])
        self._busy = False
        if self._heap:
            self._wake_at(self._heap[0][0])

    def _ring(self, alarm: Alarm) -> None:
        if alarm.call is None:
            self._cancelled -= 1
        try:
            alarm.ring()
        except Exception as error:  # noqa: BLE001 - one stream's defect must not stop the others; it is reported
            self._loop.call_exception_handler({"message": "an alarm failed", "exception": error})

    def _on_cancel(self) -> None:
        """Count a cancelled alarm; rebuild the heap once it is mostly cancelled ones: a constant cost for each."""
        self._cancelled += 1
        if self._cancelled > MOST_CANCELLED and 2 * self._cancelled > len(self._heap):
            self._heap[:] = [entry for entry in self._heap if entry[2].call is not None]
            heapq.heapify(self._heap)
            self._cancelled = 0


class TimerfdTimers(HeapTimers):
    """Timers that a timerfd with absolute times wakes, accurate to about 30 microseconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        super().__init__(loop, clock)
        self._lead = 0  # microseconds by which the timerfd is set before an alarm
        self._wake = 0  # the time that the timerfd was set to last
        self._turning = False
        self._fd = os.timerfd_create(time.CLOCK_MONOTONIC, flags=os.TFD_NONBLOCK | os.TFD_CLOEXEC)
        loop.add_reader(self._fd, self._expired)

    def close(self) -> None:
        """Close the timerfd; nothing is called from then on."""
        if not self._closed:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
        super().close()

    def _arm(self, due: int) -> None:
        self._wake = min(due, FAR_FUTURE) - self._lead
        if self._wake > self._clock.now():
            os.timerfd_settime_ns(self._fd, flags=os.TFD_TIMER_ABSTIME, initial=self._wake * 1000)
        elif not self._turning:  # the loop turns until the alarm is due, and serves sockets meanwhile
            self._turning = True
            self._loop.call_soon(self._turned)

    def _turned(self) -> None:
        self._turning = False
        self.ring_due()

    def _expired(self) -> None:
        try:
            os.read(self._fd, 8)
        except BlockingIOError:  # the timerfd was set to a later time after it had expired
            return
        late = min(self._clock.now() - self._wake, LONGEST_LEAD)
        self._lead += (late - self._lead) // 8
        self.ring_due()


class LoopTimers(HeapTimers):
    """Timers that the event loop's own timer wakes, accurate to a millisecond."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        super().__init__(loop, clock)
        self._handle: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Cancel the loop's timer; nothing is called from then on."""
        if self._handle is not None:
            self._handle.cancel()
        super().close()

    def _arm(self, due: int) -> None:
        if self._handle is not None:
            self._handle.cancel()
        wait = min(max(due - self._clock.now(), 0), DAY)
        self._handle = self._loop.call_later(wait / SECOND, self.ring_due)
