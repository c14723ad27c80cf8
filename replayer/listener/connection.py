"""Handles one client's connection to the replay listener: reads its requests and plays the responses in their order.

Requests may be pipelined: a queue holds those that wait for their response. The connection is read while a response
plays, so that a client that leaves is noticed at once; a client that closes its side of the connection has left.

Each event (bytes have arrived, a response has ended, a time limit has passed) ends in `_continue`, which does what is
possible then: it begins the next response, reads while the queue has room, and sets the time limit that now applies.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Literal

from foundation.timers import Alarm, Timers
from replayer.http1.encoder import After, script
from replayer.http1.incoming import Incoming
from replayer.http1.known_requests import KnownRequests
from replayer.http1.limits import Bounds
from replayer.http1.refusal import Refusal, refuse
from replayer.http1.request_parser import RequestParser
from replayer.listener.client_stream import ClientStream
from replayer.listener.player import Performance, Response, performance_of
from replayer.listener.tls_stream import TlsStream

type Respond = Callable[[Incoming], Response]
type Waiting = Literal["request", "rest", "end", "nothing"]
"""What the client has to do within a time limit: send a request, the rest of one, or close its side; or nothing."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection:
    """One client's connection, which is the `Wire` of its players. `ended` is called once, when it has ended."""

    __slots__ = (
        "_advancing",
        "_alarm",
        "_bounds",
        "_deadline",
        "_ended",
        "_free_since",
        "_last",
        "_lingering",
        "_parser",
        "_player",
        "_queue",
        "_respond_to",
        "_stream",
        "_timers",
        "_waiting",
        "sent",
    )

    def __init__(
        self,
        accepted: socket.socket,
        respond: Respond,
        timers: Timers,
        bounds: Bounds,
        known: KnownRequests,
        ended: Callable[[Connection], None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._stream: ClientStream | TlsStream = (
            ClientStream(accepted, self._received, self._closed)
            if tls is None
            else TlsStream(accepted, self._received, self._closed, tls)
        )
        self._respond_to = respond
        self._timers = timers
        self._bounds = bounds
        self._ended = ended
        self.sent = 0  # bytes that the players wrote
        self._parser = RequestParser(bounds, known, secure=tls is not None)
        self._queue: list[Incoming | Refusal] = []
        self._player: Performance | None = None
        self._last = False  # no further response begins
        self._lingering = False
        self._advancing = False
        self._free_since = 0  # when the last response ended
        self._alarm: Alarm | None = None
        self._waiting: tuple[Waiting, int] = ("nothing", 0)  # for what, after so many requests
        self._deadline: int | None = None

    @property
    def playing(self) -> bool:
        """Whether a response is under way."""
        return self._player is not None

    def open(self) -> None:
        """Begin to read requests."""
        self._continue()

    def end(self) -> None:
        """Close the connection at once."""
        self._stream.close()

    # Wire: where the player writes to

    def write(self, data: bytes) -> bool:
        """Send bytes; returns False when some are still to be sent: write no more until `when_drained` calls."""
        if not self._stream.closed:
            self.sent += len(data)
        return self._stream.write(data)

    def when_drained(self, call: Callable[[], None]) -> None:
        """Call `call()` once all that was written is sent; never, when the connection ends before."""
        self._stream.when_drained(call)

    # Requests

    def _continue(self) -> None:
        """Begin the next response, read while the queue has room, and set the time limit that now applies."""
        self._respond_to_queue()
        self._stream.read(wanted=len(self._queue) < self._bounds.queued)
        self._set_limit()

    def _received(self, data: bytes) -> None:
        self._queue += self._parser.feed(data, self._stream.arrived(self._timers))
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
        with contextlib.suppress(OSError):  # macOS refuses it once the client has gone
            self._stream.set_option(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._stream.close()

    def _linger(self) -> None:
        """Close this side of the connection, and wait for the client to close its side.

        If both sides were closed at once, bytes that still arrive would cause a reset, and the client could lose the
        end of the response.
        """
        self._last = self._lingering = self._parser.finished = True
        self._queue.clear()
        with contextlib.suppress(OSError):  # the client has closed it already
            self._stream.end_writing()

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
        if self._stream.closed:
            return "nothing"
        if self._lingering:
            return "end"
        if self._parser.in_request and self._stream.reading:
            return "rest"
        return "nothing" if self._queue or self._player is not None else "request"

    def _set_limit(self) -> None:
        """Note until when the connection waits for what it waits for now.

        An alarm that rings before that is only set anew then, as nearly every wait ends early.
        """
        waiting = self._waits_for(), self._parser.completed
        if waiting == self._waiting:
            return
        self._waiting = waiting
        bounds, now = self._bounds, self._timers.now()
        match waiting[0]:
            case "request":
                self._deadline = now + bounds.idle
            case "rest":
                self._deadline = now + bounds.arrival
            case "end":
                self._deadline = now + bounds.linger
            case "nothing":
                self._deadline = None
                return
        if self._alarm is None or self._deadline < self._alarm.due:
            self._set_alarm(self._deadline)

    def _set_alarm(self, due: int) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._timers.call_at(due, self._look_at_limit)

    def _look_at_limit(self) -> None:
        """End the wait if it lasted too long, and look again at the end of the one that goes on."""
        self._alarm = None
        if self._deadline is None:
            return
        if self._timers.now() >= self._deadline:
            self._too_late()
        else:
            self._set_alarm(self._deadline)

    def _too_late(self) -> None:
        """Refuse a request that did not arrive in time; otherwise, end the connection."""
        if self._waits_for() == "rest":
            self._queue.append(self._parser.give_up(408, "the rest of the request did not arrive in time"))
            self._continue()
        else:
            self.end()
