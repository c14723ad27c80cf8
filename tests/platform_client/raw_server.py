"""A server of hand-made answers, for what no well-behaved server sends."""

from __future__ import annotations

import json
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Any

from tests.raw_server import RawServer, read_request

type Answer = Callable[[socket.socket], None]


class AnsweringServer(RawServer):
    """Reads a request on each connection, lets the next answer (the last one again and again) loose on it."""

    def __init__(self, answers: tuple[Answer, ...], tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self._answers = list(answers)
        super().__init__(self._answer, tls)
        self.url += "/api/v1/stream"

    def _answer(self, connection: socket.socket) -> None:
        self.requests.append(read_request(connection))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        answer(connection)


def head(*fields: str, status: str = "200 OK", kind: str = "text/event-stream") -> bytes:
    lines = [f"HTTP/1.1 {status}", *([f"Content-Type: {kind}"] if kind else []), "Connection: close", *fields]
    return "\r\n".join([*lines, "", ""]).encode()


def sends(*pieces: bytes) -> Answer:
    """Sends the pieces and closes."""
    return lambda connection: connection.sendall(b"".join(pieces))


def sends_json(value: Any, status: str = "200 OK", *fields: str) -> Answer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return sends(head(f"Content-Length: {len(body)}", *fields, status=status, kind="application/json"), body)


def resets_after(*pieces: bytes) -> Answer:
    """Sends the pieces, then resets the connection."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"".join(pieces))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return answer
