"""Chatbots that say exactly what a test wants said, when it wants it said."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from typing import Any

from tests.raw_server import read_request

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def event(kind: str, **data: Any) -> bytes:
    """An event with JSON data."""
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode()


def result(response: str = "Revenue grew.", **more: Any) -> bytes:
    """The event with the answer."""
    return event("result", response=response, **more)


COMPLETE = event("complete", progress=100, step="complete", message="Analysis complete")


class Saying:
    """A chatbot that answers every question with the same bytes, and says them at once."""

    def __init__(self, *said: bytes, head: bytes = HEAD) -> None:
        self._said = head + b"".join(said)
        self.requests: list[bytes] = []

    def __call__(self, connection: socket.socket) -> None:
        self.requests.append(read_request(connection))
        connection.sendall(self._said)


class Directed:
    """A chatbot that says what `say` gives it, while its client waits; `end` is its end."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.left = threading.Event()
        self._connection: socket.socket | None = None

    def __call__(self, connection: socket.socket) -> None:
        read_request(connection)
        self._connection = connection
        connection.sendall(HEAD)
        self.asked.set()
        connection.settimeout(20)
        with contextlib.suppress(OSError):
            connection.recv(1)  # nothing more comes, so that this is its client's leaving, or `end`
        self.left.set()

    def say(self, *said: bytes) -> None:
        """Send the next events."""
        assert self.asked.wait(20)
        assert self._connection is not None
        self._connection.sendall(b"".join(said))

    def end(self, *said: bytes) -> None:
        """Send the last events, and end the answer."""
        self.say(*said)
        assert self._connection is not None
        self._connection.shutdown(socket.SHUT_RDWR)
