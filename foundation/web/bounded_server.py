"""An HTTP server that holds a bounded number of connections."""

from __future__ import annotations

from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

MOST_CONNECTIONS = 500
"""Connections that are open at once: a page needs some six, and each takes a descriptor that the replay may need."""

TOO_MANY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class BoundedServer(HTTPServer):
    """A Tornado server that refuses a connection with 503 when `most_connections` are open."""

    def initialize(self, *args: Any, most_connections: int = MOST_CONNECTIONS, **settings: Any) -> None:
        """Take Tornado's settings, which it hands over here."""
        super().initialize(*args, **settings)
        self._most_connections = most_connections

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Serve a connection that was accepted."""
        if len(self._connections) >= self._most_connections:
            stream.write(TOO_MANY)
            stream.close()
            return
        super().handle_stream(stream, address)
