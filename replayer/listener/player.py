"""Plays a script on a connection: writes each frame at its time, counted from the start of the script.

A player consists of callbacks, so that a stream that waits needs neither a task nor memory. Frames that are due
together are one write. When the client does not read, the player waits until all bytes are sent; then it writes the
frames that are late at once, and later frames keep their times:

    time 0     frame 0 is written; the connection takes only a part of it
    time 10    frame 1 is due, but bytes are still to be sent
    time 25    the client reads, all bytes are sent: frame 1 is written, 15 late
    time 30    frame 2 is written, on time
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from foundation.timers import Alarm, Timers
from replayer.http1.encoder import After, Script

LONGEST_WRITE = 64 << 10
"""Bytes up to which frames that are due are joined into one write; a single frame may be longer."""

FAIR_SHARE = 1 << 20
"""Bytes after which a player lets other tasks of the event loop run."""


class Wire(Protocol):
    """What a player writes to."""

    def write(self, data: bytes) -> bool:
        """Send bytes; returns False when some are still to be sent: write no more until `when_drained` calls."""
        ...

    def when_drained(self, call: Callable[[], None]) -> None:
        """Call `call()` once all that was written is sent; never, when the connection ends before."""
        ...


class Performance(Protocol):
    """A response that is being played."""

    def play(self) -> None:
        """Begin to play; it continues by itself until it calls `done`."""
        ...

    def cancel(self) -> None:
        """Stop at once, because the client has left; `done` is not called."""
        ...


type ResponseFactory = Callable[[Wire, Timers, Callable[[After], object]], Performance]
"""Makes the performance of a response that is not known beforehand, on a wire; its third argument is `done`."""


class Player:
    """Plays one script on a wire.

    `start` is the time from which the script's times count, in microseconds of the timers' clock. `done` is called at
    the end with what happens to the connection, but never for a script that ends with "hang".
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
        self._next = 0  # index of the next frame to write
        self._alarm: Alarm | None = None
        self._cancelled = False

    def play(self) -> None:
        """Write the frames that are due, and arrange the next call, until the script has ended."""
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
        """Stop at once; `done` is not called."""
        self._cancelled = True
        if self._alarm is not None:
            self._alarm.cancel()

    def _due(self) -> bytes:
        """Return the bytes of the frames that are due by now, up to `LONGEST_WRITE`; empty when none is due."""
        frames, begin = self._script.frames, self._next
        now = self._timers.now() - self._start
        end, size = begin, 0
        while end < len(frames) and frames[end].at <= now and size < LONGEST_WRITE:
            size += len(frames[end].data)
            end += 1
        self._next = end
        return b"".join([frame.data for frame in frames[begin:end]])

    def _wait(self) -> None:
        """Set the alarm for the next frame or for the end; when the end is due, call `done`."""
        script = self._script
        written = self._next == len(script.frames)
        if written and script.after == "hang":
            return
        due = self._start + (script.ends if written else script.frames[self._next].at)
        if written and due <= self._timers.now():
            self._done(script.after)
        else:
            self._alarm = self._timers.call_at(due, self.play)
