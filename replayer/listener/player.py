"""Performs a script on a connection: each frame at its time, counted from the start of the script.

Driven by callbacks; nothing runs and nothing is allocated for a stream while it waits. Frames that are due
together go out in one write. A reader that does not keep up stops the player until what was written is gone;
what is late by then goes at once, and later frames keep their own times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from foundation.timers import Alarm, Timers
from replayer.http1.encoder import After, Script

LONGEST_WRITE = 64 << 10
"""Bytes that frames are joined up to; a single frame can be longer."""

FAIR_SHARE = 1 << 20
"""Bytes after which a player lets the others have their turn."""


class Wire(Protocol):
    """Where a player writes to."""

    def write(self, data: bytes) -> bool:
        """Send bytes. False when some of them wait to be sent: write no more until `when_drained` calls."""
        ...

    def when_drained(self, call: Callable[[], None]) -> None:
        """Call `call()` once everything written is sent; never when the connection ends first."""
        ...


class Performance(Protocol):
    """A response under way."""

    def play(self) -> None:
        """Begin; it goes on by itself until it tells that it is done."""
        ...

    def cancel(self) -> None:
        """Write nothing more, at once; the client has left."""
        ...


type ResponseFactory = Callable[[Wire, Timers, Callable[[After], object]], Performance]
"""A response that is not known beforehand: what performs it on a wire, and tells what becomes of that then."""


class Player:
    """Performs one script. `done` is told what becomes of the connection; a "hang" is never done.

    `start` is the time, in microseconds of the timers' clock, that the script's times count from.
    """

    __slots__ = ("_alarm", "_cancelled", "_done", "_next", "_script", "_start", "_timers", "_wire")

    def __init__(
        self, script: Script, wire: Wire, timers: Timers, start: int, done: Callable[[After], object]
    ) -> None:
        self._script = script
        self._wire = wire
        self._timers = timers
        self._start = start
        self._done = done
        self._next = 0  # the frame that is to be written next
        self._alarm: Alarm | None = None
        self._cancelled = False

    def play(self) -> None:
        """Write what is due, and go on so by itself until the script ends."""
        if self._cancelled:
            return
        share = FAIR_SHARE
        while data := self._due():
            share -= len(data)
            if not self._wire.write(data):
                self._wire.when_drained(self.play)
                return
            if share <= 0:
                self._alarm = self._timers.call_at(self._timers.now(), self.play)
                return
        self._wait()

    def cancel(self) -> None:
        """Write nothing more, at once; `done` is not called."""
        self._cancelled = True
        if self._alarm is not None:
            self._alarm.cancel()

    def _due(self) -> bytes:
        """The bytes of the frames that are due by now, joined up to a bound; none when no frame is due."""
        frames, begin = self._script.frames, self._next
        now = self._timers.now() - self._start
        end, size = begin, 0
        while end < len(frames) and frames[end].at <= now and size < LONGEST_WRITE:
            size += len(frames[end].data)
            end += 1
        self._next = end
        return b"".join([frame.data for frame in frames[begin:end]])

    def _wait(self) -> None:
        """Set the alarm for the next frame or for the end, or end now."""
        script = self._script
        written = self._next == len(script.frames)
        if written and script.after == "hang":
            return
        due = self._start + (script.ends if written else script.frames[self._next].at)
        if written and due <= self._timers.now():
            self._done(script.after)
        else:
            self._alarm = self._timers.call_at(due, self.play)
