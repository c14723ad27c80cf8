"""One client's connection to the replay listener: requests in, however pipelined, and responses in their order.

It goes on reading while a response plays, so that a client that leaves is seen at once. A client that closes its side
of the connection has left.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from asyncio import Future
from collections.abc import Callable
from typing import Literal

from foundation.timers import Alarm, Timers
from replayer.http1.encoder import After, Script, script
from replayer.http1.limits import Bounds
from replayer.http1.refusal import Refusal, refuse
from replayer.http1.request_parser import Incoming, RequestParser
from replayer.listener.arrival_time import StampedStream
from replayer.listener.player import Performance, Player, ResponseFactory

type Respond = Callable[[Incoming], Script | ResponseFactory]
type Waiting = Literal["request", "rest", "end", "nothing"]
"""What an idle connection waits for with a time limit: a request, its rest, or the client's end."""

READ = 16 << 10
"""Bytes read at once: this also bounds how many tiny requests one read can bring."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection:
    """One client's connection; the `Wire` of the player that plays to it."""

    __slots__ = (
        "_advancing",
        "_alarm",
        "_alarm_for",
        "_bounds",
        "_ended",
        "_free_since",
        "_last",
        "_lingering",
        "_parser",
        "_player",
        "_queue",
        "_reading",
        "_respond_to",
        "_stream",
        "_timers",
        "_unsent",
        "sent",
    )

    def __init__(
        self,
        stream: StampedStream,
        respond: Respond,
        timers: Timers,
        bounds: Bounds,
        ended: Callable[[Connection], None],
    ) -> None:
        self._stream = stream
        self._respond_to = respond
        self._timers = timers
        self._bounds = bounds
        self._ended = ended
        self.sent = 0  # bytes that the players wrote
        self._parser = RequestParser(bounds)
        self._queue: list[Incoming | Refusal] = []
        self._player: Performance | None = None
        self._last = False  # no response follows the one that plays, if any does
        self._lingering = False
        self._advancing = False
        self._reading = False
        self._free_since = 0  # when the last response ended
        self._unsent: Future[None] | None = None
        self._alarm: Alarm | None = None
        self._alarm_for: tuple[Waiting, int] = ("nothing", 0)

    @property
    def playing(self) -> bool:
        """Whether a response is being played."""
        return self._player is not None

    def open(self) -> None:
        """Begin to read."""
        self._stream.set_nodelay(True)
        self._stream.set_close_callback(self._closed)
        self._go_on()

    def end(self) -> None:
        """Close the connection at once."""
        self._stream.close()

    # Wire: where the player writes to

    def write(self, data: bytes) -> bool:
        """Send bytes. False when some of them wait to be sent: write no more until `when_drained` calls."""
        if self._stream.closed():
            return False
        self.sent += len(data)
        # Nearly always the kernel takes all of it; the stream's own bookkeeping would double the cost.
        sent = 0 if self._stream.writing() else self._send(data)
        if sent == len(data):
            return True
        if not self._stream.closed():
            self._unsent = self._stream.write(data[sent:])
        return False

    def _send(self, data: bytes) -> int:
        """Give the kernel what it takes now; how many bytes that is."""
        try:
            return self._stream.socket.send(data)
        except BlockingIOError:
            return 0
        except OSError:  # the client has left
            self._stream.close()
            return 0

    def when_drained(self, call: Callable[[], None]) -> None:
        """Call `call()` once everything written is sent; never when the connection ends first."""
        if self._unsent is not None:
            self._unsent.add_done_callback(lambda sent: None if sent.exception() else call())

    # Requests

    def _go_on(self) -> None:
        """Answer what can be answered, read on where there is room, and set the time limit that holds now."""
        self._answer_queue()
        self._read()
        self._limit()

    def _read(self) -> None:
        if self._reading or len(self._queue) >= self._bounds.queued:
            return
        with contextlib.suppress(OSError):  # the connection has ended; `_closed` is about to be called
            arrival = self._stream.read_bytes(READ, partial=True)
            assert isinstance(arrival, Future)
            self._reading = True
            arrival.add_done_callback(self._received)

    def _received(self, arrival: Future[bytes]) -> None:
        self._reading = False
        if arrival.exception() is None:
            self._queue += self._parser.feed(arrival.result(), self._stream.arrived(self._timers))
            self._go_on()

    def _answer_queue(self) -> None:
        if self._advancing:  # a response ended at once: the loop that began it goes on
            return
        self._advancing = True
        while self._queue and self._player is None and not self._last:
            self._answer(self._queue.pop(0))
        self._advancing = False
        if self._parser.awaits_continue and self._player is None:
            self._parser.awaits_continue = False
            self.write(CONTINUE)

    def _answer(self, item: Incoming | Refusal) -> None:
        """Begin to play the answer, on time from when its request was whole and had its turn."""
        timers = self._timers
        played: Script | ResponseFactory
        if isinstance(item, Refusal):
            played, start, self._last = script(refuse(item)), timers.now(), True
        else:
            played, self._last = self._respond(item), not item.keep_alive
            start = max(item.request.at, self._free_since)
        if isinstance(played, Script):
            self._player = Player(played, self, timers, start, self._played)
        else:
            self._player = played(self, timers, self._played)
        self._player.play()

    def _respond(self, incoming: Incoming) -> Script | ResponseFactory:
        try:
            return self._respond_to(incoming)
        except BaseException:
            self.end()  # the loop reports the defect; the client must not wait for it
            raise

    def _played(self, after: After) -> None:
        self._player = None
        self._free_since = self._timers.now()
        if after == "reset":
            self._reset()
        elif after == "close" or self._last:
            self._linger()
        self._go_on()

    # The end

    def _reset(self) -> None:
        """End with a TCP reset, as a server that crashed."""
        self._last = True
        if not self._stream.closed():
            self._stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._stream.close()

    def _linger(self) -> None:
        """Say that nothing follows, and wait for the client to end it too.

        Closing at once would reset a connection on which more arrives: the client could lose the response.
        """
        self._last = self._lingering = self._parser.finished = True
        self._queue.clear()
        with contextlib.suppress(OSError):  # the client was faster
            if not self._stream.closed():
                self._stream.socket.shutdown(socket.SHUT_WR)

    def _closed(self) -> None:
        """The connection has ended, whoever ended it: release all it held."""
        if self._player is not None:
            self._player.cancel()
            self._player = None
        if self._alarm is not None:
            self._alarm.cancel()
        self._last = True
        self._queue.clear()
        self._ended(self)

    # Time limits

    def _waits_for(self) -> Waiting:
        if self._stream.closed():
            return "nothing"
        if self._lingering:
            return "end"
        if self._parser.in_request and self._reading:
            return "rest"
        return "nothing" if self._queue or self._player is not None else "request"

    def _limit(self) -> None:
        """Set the alarm for what the connection waits for, unless it is set."""
        waiting = self._waits_for(), self._parser.completed
        if waiting == self._alarm_for:
            return
        self._alarm_for = waiting
        if self._alarm is not None:
            self._alarm.cancel()
        bounds, timers = self._bounds, self._timers
        limits = {"request": bounds.idle, "rest": bounds.arrival, "end": bounds.linger}
        if waiting[0] in limits:
            self._alarm = timers.call_at(timers.now() + limits[waiting[0]], self._too_late)

    def _too_late(self) -> None:
        if self._waits_for() == "rest":
            self._queue.append(self._parser.give_up(408, "the rest of the request did not arrive in time"))
            self._go_on()
        else:
            self.end()
