"""Requests as clients send them to a replay server, raw or as the platform does, and what they get."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from foundation.clock import SYSTEM
from platform_client.client import PlatformClient
from platform_client.events import ClientEvent

STREAM = "/api/v1/stream"
EVENT_STREAM = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
QUESTION = b'{"query":"hi","conversation_history":[],"auto_load_documents":true,"memory_enabled":true}'
"""As the platform's client asks it."""


def post(*headers: str, method: str = "POST") -> bytes:
    """The question, raw."""
    lines = [f"{method} {STREAM} HTTP/1.1", "Host: h", f"Content-Length: {len(QUESTION)}", *headers]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode() + QUESTION


LAST = post("Connection: close")


def events(server: Any, **settings: Any) -> list[ClientEvent]:
    """What the platform's client makes of the answer; its settings are seconds."""
    with PlatformClient(server.url + STREAM, **settings) as client:
        return list(client.send("hi"))


def message(event: ClientEvent) -> str:
    """What an error event says."""
    assert event.type == "error"
    return str(json.loads(event.data)["error"])


def chunks(answer: bytes) -> list[bytes]:
    """The chunks of a raw answer, the last one too."""
    rest, found = answer.partition(b"\r\n\r\n")[2], []
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        found.append(rest[: int(size, 16)])
        assert rest[len(found[-1]) :].startswith(b"\r\n")
        rest = rest[len(found[-1]) + 2 :]
    return found


def timed[T](call: Callable[[], T]) -> tuple[T, int]:
    """What a call gives, and the microseconds that it takes: of these a test can only say "at least"."""
    began = SYSTEM.now()
    given = call()
    return given, SYSTEM.now() - began
