"""Cassettes made for the benchmarks, with the records of a real recording and its sizes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

from cassettes import model
from cassettes.file.writer import CassetteWriter

PATH = "/api/v1/stream"
ORIGIN = "http://127.0.0.1:5000"
EVENTS = (
    ("Content-Type", "text/event-stream"),
    ("Cache-Control", "no-cache"),
    ("Transfer-Encoding", "chunked"),
)
BATCH = 1000


def write_cassette(path: Path, exchanges: Iterable[Sequence[model.AnyRecord]]) -> None:
    """Write a cassette of exchanges, each given as its records."""
    created = dt.datetime(2026, 11, 22, tzinfo=dt.UTC).isoformat()
    records: list[model.AnyRecord] = [model.Header(version=1, created=created, recorder="benchmark")]
    with CassetteWriter.create(path) as file:
        for exchange in exchanges:
            records += exchange
            if len(records) > BATCH:
                file.write(records)
                records.clear()
        file.write(records)


def exchange(number: int, chunks: Sequence[tuple[int, bytes]], end: int) -> list[model.AnyRecord]:
    """The records of one exchange; times are microseconds since its request."""
    begin, exchange_number = number * 10, model.RecordingExchange(number)
    return [
        model.Request(
            exchange=exchange_number,
            at=begin,
            method="POST",
            url=ORIGIN + PATH,
            http="1.1",
            headers=(("Content-Type", "application/json"), ("Host", "127.0.0.1:5000"), ("Accept", "*/*")),
            body=body(number),
        ),
        model.Response(exchange=exchange_number, at=begin, status=200, reason="OK", headers=EVENTS),
        *(model.Chunk(exchange=exchange_number, at=begin + at, data=data) for at, data in chunks),
        model.End(exchange=exchange_number, at=begin + end, how="complete"),
    ]


def body(number: int) -> bytes:
    """The body of the request of an exchange; it is different for each number."""
    rest = b'"conversation_history":[],"auto_load_documents":true,"memory_enabled":true'
    return b'{"query":"question %d",%b}' % (number, rest)


def request(number: int) -> bytes:
    """The bytes of the request of an exchange, for a connection of its own."""
    content = body(number)
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\n"
    )
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def progress(step: int) -> bytes:
    """A progress event of about 200 bytes."""
    details = '"details": {"source": "https://example.org/reports/2026/quarter-3", "read": 17, "kept": 4}'
    text = f'"step": "analyzing", "message": "Reading document {step}", "progress": {step % 100}'
    return f"event: progress\nid: {step}\ndata: {{{text}, {details}}}\n\n".encode()
