"""Cassettes for tests, a record at a time."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import zstandard

from cassettes.file import format_v1
from cassettes.model import AnyRecord, Chunk, End, Header, Request, Response

HEADER = Header(version=1, created="2026-11-22T12:00:00.000000Z", recorder="test")
TOO_DEEP = "Stack overflow" if sys.version_info >= (3, 14) else "recursion"
"""What msgspec says of JSON that is nested too deeply."""
EVENT = b"event: result\ndata: {}\n\n"


def request(exchange: int = 0, at: int = 0, *, url: str = "http://h/a", body: bytes = b"") -> Request:
    return Request(exchange=exchange, at=at, method="POST", url=url, http="1.1", headers=(), body=body)


def response(exchange: int = 0, at: int = 1, media_type: str = "text/event-stream") -> Response:
    headers = (("Content-Type", media_type),)
    return Response(exchange=exchange, at=at, status=200, reason="OK", headers=headers)


def chunk(exchange: int = 0, at: int = 2, data: bytes = EVENT) -> Chunk:
    return Chunk(exchange=exchange, at=at, data=data)


def end(exchange: int = 0, at: int = 3) -> End:
    return End(exchange=exchange, at=at, how="complete")


def whole(exchange: int = 0, at: int = 0, *, url: str = "http://h/a", data: bytes = EVENT) -> list[AnyRecord]:
    """The records of an exchange with one chunk."""
    return [
        request(exchange, at, url=url),
        response(exchange, at + 1),
        chunk(exchange, at + 2, data),
        end(exchange, at + 3),
    ]


def save(path: Path, content: Sequence[AnyRecord] | bytes) -> Path:
    """Write records, or bytes as they are, compressed where the name says so."""
    data = content if isinstance(content, bytes) else format_v1.encode(content)
    path.write_bytes(zstandard.ZstdCompressor().compress(data) if path.suffix == ".zst" else data)
    return path
