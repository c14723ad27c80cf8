"""Plays a response on a connection: writes each frame at its time, counted from the start of the response.

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
from replayer.http1.encoder import After

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


class Cursor(Protocol):
    """A place in a response, from which its bytes are taken when they are due."""

    @property
    def after(self) -> After:
        """What happens to the connection after the response."""
        ...

    @property
    def ends(self) -> int:
        """When the response ends."""
        ...

    def next_at(self) -> int | None:
        """Return when the next bytes are due; None when there are no more."""
        ...

    def due(self, now: int, most: int) -> bytes:
        """Return bytes that are due by now, about `most` of them; empty when none are."""
        ...


class Playable(Protocol):
    """A response that is known beforehand, with times that count from its start."""

    @property
    def status(self) -> int | None:
        """The status, None when the connection ends without a response."""
        ...

    def begin(self) -> Cursor:
        """Return a cursor at the beginning of the response."""
        ...


type Done = Callable[[After], object]
"""Called at the end of a response with what happens to the connection."""

type ResponseFactory = Callable[[Wire, Timers, int, Done], Performance]
"""Makes the performance of a response that is not known beforehand; its arguments are as those of a `Player`."""

type Response = Playable | ResponseFactory


def performance_of(response: Response, wire: Wire, timers: Timers, start: int, done: Done) -> Performance:
    """Return the performance of a response on a wire; `start` and `done` are as those of a `Player`."""
    if callable(response):
        return response(wire, timers, start, done)
    return Player(response, wire, timers, start, done)


class Player:
    """Plays one response on a wire.

    `start` is the time from which the response's times count, in microseconds of the timers' clock. `done` is called at
    the end with what happens to the connection, but never for one that ends with "hang".
    """

    __slots__ = ("_alarm", "_cancelled", "_cursor", "_done", "_start", "_timers", "_wire")

    def __init__(self, response: Playable, wire: Wire, timers: Timers, start: int, done: Done) -> None:
        self._cursor = response.begin()
        self._wire = wire
        self._timers = timers
        self._start = start
        self._done = done
        self._alarm: Alarm | None = None
        self._cancelled = False

    def play(self) -> None:
        """Write the frames that are due, and arrange the next call, until the script has ended."""
        if self._cancelled:
            return
        share = FAIR_SHARE
        while data := self._cursor.due(self._timers.now() - self._start, LONGEST_WRITE):
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

    def _wait(self) -> None:
        """Set the alarm for the next bytes or for the end; when the end is due, call `done`."""
        cursor = self._cursor
        next_at = cursor.next_at()
        if next_at is None and cursor.after == "hang":
            return
        due = self._start + (cursor.ends if next_at is None else next_at)
        if next_at is None and due <= self._timers.now():
            self._done(cursor.after)
        else:
            self._alarm = self._timers.call_at(due, self.play)
