"""Cassettes as they are on disk, written line by line, so that a test can let one grow."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ORIGIN = "http://chat.example.org"
HEADER = {"chatreel": 1, "created": "2026-11-22T14:11:04Z", "recorder": "chatreel", "upstream": ORIGIN}

type Line = dict[str, Any]


def event(name: str, data: Any) -> str:
    """A block of a stream."""
    return f"event: {name}\ndata: {data if isinstance(data, str) else json.dumps(data)}\n\n"


def stream(
    number: int, at: int, chunks: Sequence[tuple[int, Any]], how: str | None = "complete"
) -> list[Line]:
    """A stream's lines; each chunk has its time after the request. Without `how` it goes on."""
    return [
        request(number, at, "POST", "/api/v1/stream"),
        response(number, at + 2000, content_type="text/event-stream"),
        *(chunk(number, at + after, data) for after, data in chunks),
        *([] if how is None else [end(number, at + max((after for after, _ in chunks), default=2000), how)]),
    ]


def plain(
    number: int, at: int, target: str, body: Any = "{}", *, method: str = "GET", status: int = 200
) -> list[Line]:
    """The lines of an exchange that is whole within 5 ms."""
    return [
        request(number, at, method, target),
        response(number, at + 2000, status=status, content_type="application/json"),
        chunk(number, at + 4000, body if isinstance(body, str) or "base64" in body else json.dumps(body)),
        end(number, at + 5000),
    ]


def request(number: int, at: int, method: str, target: str, body: str = "") -> Line:
    """A request's line."""
    headers = [["Host", "chat.example.org"], ["Content-Type", "application/json"]]
    return {
        "kind": "request", "exchange": number, "at": at, "method": method, "url": ORIGIN + target, "http": "1.1",
        "headers": headers, "body": body,
    }  # fmt: skip


def response(number: int, at: int, *, status: int = 200, content_type: str) -> Line:
    """A response's line."""
    reason = {200: "OK", 202: "Accepted", 404: "Not Found", 500: "Internal Server Error"}[status]
    headers = [["Content-Type", content_type]]
    return {
        "kind": "response", "exchange": number, "at": at, "status": status, "reason": reason, "headers": headers,
        "http": "1.1",
    }  # fmt: skip


def chunk(number: int, at: int, data: Any) -> Line:
    """A chunk's line."""
    return {"kind": "chunk", "exchange": number, "at": at, "data": data}


def end(number: int, at: int, how: str = "complete") -> Line:
    """An end's line."""
    return {"kind": "end", "exchange": number, "at": at, "how": how}


def append(path: Path, lines: Iterable[Line]) -> Path:
    """Write lines to a cassette, which begins with its header."""
    new = not path.exists()
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in ([HEADER] if new else []))
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return path
