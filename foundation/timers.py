"""Timers of an event loop, to some 30 microseconds where the platform allows it.

asyncio rounds its own timers to a millisecond. Where the platform has timerfd (Linux, Python 3.13), one timerfd with
absolute times and one heap serve all streams; elsewhere the loop's own timers do.
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

FAR_FUTURE = 2**53  # 285 years; in nanoseconds it still fits the kernel's 63 bits

LONGEST_LEAD = 300  # microseconds that the loop may turn, at most, until an alarm is due

MOSTLY_LIVE = 64  # cancelled alarms that no heap is too small to hold


class Alarm:
    """A call that is due at a time; `cancel` makes it never happen."""

    __slots__ = ("_forgotten", "call", "due")

    def __init__(self, due: int, call: Callable[[], object], forgotten: Callable[[], None]) -> None:
        self.due = due
        self.call: Callable[[], object] | None = call
        self._forgotten = forgotten

    def cancel(self) -> None:
        """Forget the call, and what it holds with it."""
        if self.call is not None:
            self.call = None
            self._forgotten()

    def ring(self) -> None:
        """Make the call, unless it was made or cancelled before."""
        call, self.call = self.call, None
        if call is not None:
            call()


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


async def sleep_until(timers: Timers, due: int) -> None:
    """Wait until the time `due`; a task that is cancelled meanwhile leaves nothing behind."""
    reached = asyncio.get_running_loop().create_future()
    # A cancelled future stays among the timers until its task runs, and cannot be set.
    alarm = timers.call_at(due, lambda: None if reached.done() else reached.set_result(None))
    try:
        await reached
    finally:
        alarm.cancel()


class HeapTimers(ABC):
    """One heap for every alarm; a subclass wakes it up when the first of them is due.

    Alarms that are due at the same time ring in the order in which they were set. One that raises is
    reported through the loop's exception handler and hinders no other.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        self._loop = loop
        self._clock = clock
        self._heap: list[tuple[int, int, Alarm]] = []
        self._order = itertools.count()
        self._cancelled = 0
        self._armed: int | None = None  # when the heap is to be woken up
        self._busy = False  # alarms ring: what they set is armed once, at the end
        self._closed = False

    def now(self) -> int:
        """The clock's microseconds."""
        return self._clock.now()

    def call_at(self, due: int, call: Callable[[], object]) -> Alarm:
        """Call `call()` at the time `due`, or as soon as it can when that has passed."""
        alarm = Alarm(due, call, self._forgotten)
        if not self._closed:
            heapq.heappush(self._heap, (due, next(self._order), alarm))
            if not self._busy and (self._armed is None or due < self._armed):
                self._wake_at(due)
        return alarm

    def close(self) -> None:
        """Forget every alarm; nothing is called after."""
        self._closed = True
        self._heap.clear()

    @abstractmethod
    def _arm(self, due: int) -> None:
        """See to it that `ring_due` is called at the time `due`, and not before."""

    def _wake_at(self, due: int) -> None:
        self._armed = due
        self._arm(due)

    def ring_due(self) -> None:
        """Ring every alarm that is due by now, in the order of their times.

        What is set or becomes due meanwhile waits for the next turn of the loop, so that sockets get theirs.
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

    def _forgotten(self) -> None:
        """Drop the cancelled entries once they are most of the heap: bounded memory, at a constant cost."""
        self._cancelled += 1
        if self._cancelled > MOSTLY_LIVE and 2 * self._cancelled > len(self._heap):
            self._heap[:] = [entry for entry in self._heap if entry[2].call is not None]
            heapq.heapify(self._heap)
            self._cancelled = 0


class TimerfdTimers(HeapTimers):
    """Woken up by a timerfd with absolute times, to some 30 microseconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        super().__init__(loop, clock)
        self._lead = 0  # how long before an alarm to wake up
        self._wake = 0  # what the timerfd was set to last
        self._turning = False
        self._fd = os.timerfd_create(time.CLOCK_MONOTONIC, flags=os.TFD_NONBLOCK | os.TFD_CLOEXEC)
        loop.add_reader(self._fd, self._expired)

    def close(self) -> None:
        """Release the timerfd; nothing is called after."""
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
        except BlockingIOError:  # armed again for a later time since it fired
            return
        late = min(self._clock.now() - self._wake, LONGEST_LEAD)
        self._lead += (late - self._lead) // 8
        self.ring_due()


class LoopTimers(HeapTimers):
    """Woken up by the event loop's own timer, a millisecond coarse."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        super().__init__(loop, clock)
        self._handle: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Cancel the loop's timer; nothing is called after."""
        if self._handle is not None:
            self._handle.cancel()
        super().close()

    def _arm(self, due: int) -> None:
        if self._handle is not None:
            self._handle.cancel()
        wait = min(max(due - self._clock.now(), 0), DAY)
        self._handle = self._loop.call_later(wait / SECOND, self.ring_due)
