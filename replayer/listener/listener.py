"""Accepts connections up to a limit, and makes a `Connection` of each."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterable

from foundation.timers import Timers
from replayer.http1.encoder import script
from replayer.http1.known_requests import KnownRequests
from replayer.http1.limits import Bounds
from replayer.http1.refusal import Refusal, refuse
from replayer.listener.arrival_time import stamp_arrivals
from replayer.listener.client_stream import accept_on
from replayer.listener.connection import Connection, Respond

TOO_MANY = script(refuse(Refusal(503, "too many connections")))


class ReplayListener:
    """Accepts connections, with TLS if there is a context, whose requests get the responses that `respond` returns."""

    def __init__(
        self, respond: Respond, timers: Timers, bounds: Bounds, tls: ssl.SSLContext | None = None
    ) -> None:
        self._tls = tls
        self.respond = respond
        self.timers = timers
        self.bounds = bounds
        self.connections: set[Connection] = set()
        self._known = KnownRequests()
        self._sent = 0  # bytes that connections sent which have ended
        self._close_sockets = contextlib.ExitStack()

    @property
    def playing(self) -> int:
        """The number of responses under way."""
        return sum(connection.playing for connection in self.connections)

    @property
    def sent(self) -> int:
        """The number of bytes that were sent to clients, including those of connections that have ended."""
        return self._sent + sum(connection.sent for connection in self.connections)

    def add_sockets(self, sockets: Iterable[socket.socket]) -> None:
        """Accept connections on these sockets, until `close`."""
        for one in sockets:
            stamp_arrivals(one)
            self._close_sockets.callback(one.close)
            self._close_sockets.callback(accept_on(one, self._accepted))

    def _accepted(self, accepted: socket.socket) -> None:
        if len(self.connections) >= self.bounds.connections:
            with accepted, contextlib.suppress(OSError):  # the client has left already
                accepted.setblocking(False)
                accepted.send(b"".join(frame.data for frame in TOO_MANY.frames))
            return
        connection = Connection(
            accepted, self.respond, self.timers, self.bounds, self._known, self._ended, self._tls
        )
        self.connections.add(connection)
        connection.open()

    def _ended(self, connection: Connection) -> None:
        self.connections.discard(connection)
        self._sent += connection.sent

    def close(self) -> None:
        """Accept no more connections, and end all that are open."""
        self._close_sockets.close()
        for connection in list(self.connections):
            connection.end()
