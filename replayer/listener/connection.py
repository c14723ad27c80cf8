"""Handles one client's connection to the replay listener: reads its requests and plays the responses in their order.

Requests may be pipelined: a queue holds those that wait for their response. The connection is read while a response
plays, so that a client that leaves is noticed at once; a client that closes its side of the connection has left.

Each event (bytes have arrived, a response has ended, a time limit has passed) ends in `_continue`, which does what is
possible then: it begins the next response, reads while the queue has room, and sets the time limit that now applies.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from asyncio import Future
from collections.abc import Callable
from typing import Literal

from foundation.timers import Alarm, Timers
from replayer.http1.encoder import After, script
from replayer.http1.limits import Bounds
from replayer.http1.refusal import Refusal, refuse
from replayer.http1.request_parser import Incoming, RequestParser
from replayer.listener.arrival_time import StampedStream
from replayer.listener.player import Performance, Response, performance_of

type Respond = Callable[[Incoming], Response]
type Waiting = Literal["request", "rest", "end", "nothing"]
"""What the client has to do within a time limit: send a request, the rest of one, or close its side; or nothing."""

READ = 16 << 10
"""Bytes that are read at once, which also limits how many tiny requests can arrive at once."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection:
    """One client's connection, which is the `Wire` of its players. `ended` is called once, when it has ended."""

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
        self._last = False  # no further response begins
        self._lingering = False
        self._advancing = False
        self._reading = False
        self._free_since = 0  # when the last response ended
        self._unsent: Future[None] | None = None
        self._alarm: Alarm | None = None
        self._alarm_for: tuple[Waiting, int] = ("nothing", 0)

    @property
    def playing(self) -> bool:
        """Whether a response is under way."""
        return self._player is not None

    def open(self) -> None:
        """Begin to read requests."""
        self._stream.set_nodelay(True)
        self._stream.set_close_callback(self._closed)
        self._continue()

    def end(self) -> None:
        """Close the connection at once."""
        self._stream.close()

    # Wire: where the player writes to

    def write(self, data: bytes) -> bool:
        """Send bytes; returns False when some are still to be sent: write no more until `when_drained` calls."""
        if self._stream.closed():
            return False
        self.sent += len(data)
        # Nearly always the kernel takes all bytes; going through the stream would double the cost.
        sent = 0 if self._stream.writing() else self._send(data)
        if sent == len(data):
            return True
        if not self._stream.closed():
            self._unsent = self._stream.write(data[sent:])
        return False

    def _send(self, data: bytes) -> int:
        """Pass bytes to the kernel; returns how many it took."""
        try:
            return self._stream.socket.send(data)
        except BlockingIOError:
            return 0
        except OSError:  # the client has left
            self._stream.close()
            return 0

    def when_drained(self, call: Callable[[], None]) -> None:
        """Call `call()` once all that was written is sent; never, when the connection ends before."""
        if self._unsent is not None:
            self._unsent.add_done_callback(lambda sent: None if sent.exception() else call())

    # Requests

    def _continue(self) -> None:
        """Begin the next response, read while the queue has room, and set the time limit that now applies."""
        self._respond_to_queue()
        self._read()
        self._set_limit()

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
            self._continue()

    def _respond_to_queue(self) -> None:
        if self._advancing:  # a response ended at once, and the loop below that began it continues
            return
        self._advancing = True
        while self._queue and self._player is None and not self._last:
            self._begin_response(self._queue.pop(0))
        self._advancing = False
        if self._parser.awaits_continue and self._player is None:
            self._parser.awaits_continue = False
            self.write(CONTINUE)

    def _begin_response(self, item: Incoming | Refusal) -> None:
        """Begin to play the response; its times count from when the request had arrived and the last response ended."""
        timers = self._timers
        response: Response
        if isinstance(item, Refusal):
            response, start, self._last = script(refuse(item)), timers.now(), True
        else:
            response, self._last = self._respond(item), not item.keep_alive
            start = max(item.request.at, self._free_since)
        self._player = performance_of(response, self, timers, start, self._played)
        self._player.play()

    def _respond(self, incoming: Incoming) -> Response:
        try:
            return self._respond_to(incoming)
        except BaseException:
            self.end()  # the loop reports the defect; the client must not wait for a response
            raise

    def _played(self, after: After) -> None:
        """Continue after a response has ended; the players call this."""
        self._player = None
        self._free_since = self._timers.now()
        if after == "reset":
            self._reset()
        elif after == "close" or self._last:
            self._linger()
        self._continue()

    # The end of the connection

    def _reset(self) -> None:
        """End with a TCP reset, as a server that crashes."""
        self._last = True
        if not self._stream.closed():
            with contextlib.suppress(OSError):  # macOS refuses it once the client has gone
                self._stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._stream.close()

    def _linger(self) -> None:
        """Close this side of the connection, and wait for the client to close its side.

        If both sides were closed at once, bytes that still arrive would cause a reset, and the client could lose the
        end of the response.
        """
        self._last = self._lingering = self._parser.finished = True
        self._queue.clear()
        with contextlib.suppress(OSError):  # the client has closed it already
            if not self._stream.closed():
                self._stream.socket.shutdown(socket.SHUT_WR)

    def _closed(self) -> None:
        """Release all resources; called once the connection has ended, whichever side ended it."""
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

    def _set_limit(self) -> None:
        """Set the alarm for what the connection waits for, unless it is set already."""
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
        """Refuse a request that did not arrive in time; otherwise, end the connection."""
        if self._waits_for() == "rest":
            self._queue.append(self._parser.give_up(408, "the rest of the request did not arrive in time"))
            self._continue()
        else:
            self.end()
