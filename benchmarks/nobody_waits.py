"""Measures how long a small request waits beside large ones, and beside readers that take a large answer slowly."""

from __future__ import annotations

import contextlib
import json
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.table import Table

from benchmarks.generated import write_cassette
from benchmarks.measured_process import replay
from benchmarks.result_tables import MeasureRow, show, table
from benchmarks.rounds import ROUNDS
from benchmarks.stream_client import Address, connect
from cassettes.model import AnyRecord, Chunk, End, RecordingExchange, Request, Response
from foundation.clock import SYSTEM
from foundation.http.headers import Headers

MEGABYTES = (1, 5, 20, 60)
READERS = 50
SLOW = 4096
"""Bytes that a slow reader has room for: the kernel takes some more for it, and the server has the rest."""

PAUSE = 0.002
"""Seconds between two small requests."""

PATIENCE = 300
"""Seconds that the answer to a large request may take."""

QUIET = 1.0
"""Seconds for which small requests are measured alone, and beside the slow readers."""


class RequestKind(NamedTuple):
    """A kind of large request: its name, its headers, and what makes a body of it of some bytes."""

    name: str
    headers: Headers
    body: Callable[[int], bytes]


def json_body(size: int) -> bytes:
    """A JSON body as chatbots' clients send it: a history of messages."""
    message = {"role": "user", "content": "How many people live there? " * 8, "id": 17, "score": 0.25}
    text = json.dumps(message).encode()
    return b'{"conversation_history": [' + b", ".join([text] * (size // len(text))) + b'], "query": "hi"}'


def multipart_body(size: int) -> bytes:
    """A file in a form."""
    head = b'--XX\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\n\r\n'
    return head + b"0123456789abcdef" * (size // 16) + b"\r\n--XX--\r\n"


KINDS = (
    RequestKind("JSON", (("Content-Type", "application/json"),), json_body),
    RequestKind(
        "form",
        (("Content-Type", "application/x-www-form-urlencoded"),),
        lambda size: b"&".join(b"name%d=some+text+%%C3%%A9" % number for number in range(size // 30)),
    ),
    RequestKind(
        "text", (("Content-Type", "text/plain"),), lambda size: b"How many people live there? " * (size // 28)
    ),
    RequestKind("multipart", (("Content-Type", "multipart/form-data; boundary=XX"),), multipart_body),
)


def run(
    rounds: int = ROUNDS,
    megabytes: Sequence[int] = MEGABYTES,
    readers: int = READERS,
    kinds: Sequence[RequestKind] = KINDS,
) -> Table:
    """Measure the longest wait of small requests beside each kind of large one, and beside slow readers."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in megabytes:
            for kind in kinds:
                body = kind.body(size << 20)
                path = Path(folder, f"{size}-{kind.name}.jsonl")
                write_cassette(path, [small(0), large(1, kind, body)])
                for what, sent in (("match", body), ("miss", body[:-12] + b"!" + body[-11:])):
                    waits = [beside_request(path, kind, sent) for _ in range(rounds)]
                    row = f"{size} MB {kind.name}, {what} (ms)"
                    rows.append(
                        MeasureRow(
                            row, [wait.beside for wait in waits], [wait.alone for wait in waits], "50 ms"
                        )
                    )
        path = Path(folder, "answer.jsonl")
        write_cassette(path, [small(0), large_answer(1, max(megabytes) << 20)])
        slow = [beside_readers(path, readers) for _ in range(rounds)]
    rows += [
        MeasureRow(
            f"{readers} slow readers of {max(megabytes)} MB (ms)",
            [one.beside for one in slow],
            [one.alone for one in slow],
            "50 ms",
        ),
        MeasureRow("memory that they take (MiB)", [one.grown for one in slow], [0.0] * len(slow), "100 MiB"),
    ]
    return table("Nobody waits: the longest wait of a small request", "beside", "alone", rows)


class Waits(NamedTuple):
    """The longest wait of a small request alone and beside something, in ms, and MiB that the server grew by then."""

    alone: float
    beside: float
    grown: float = 0.0


def beside_request(path: Path, kind: RequestKind, body: bytes) -> Waits:
    """The waits beside one large request, from its first byte until its answer."""
    with replay(path) as server, connect(server.address) as connection:
        alone = longest_wait(server.address, threading.Event(), QUIET)
        with asking(server.address) as (longest, _):
            connection.settimeout(PATIENCE)
            connection.sendall(head_of(kind, len(body)) + body)
            while connection.recv(1 << 16):
                pass
        return Waits(alone, longest())


def beside_readers(path: Path, count: int) -> Waits:
    """The waits and the growth beside readers that have a large answer under way and take little of it."""
    with replay(path) as server, contextlib.ExitStack() as stack:
        alone = longest_wait(server.address, threading.Event(), QUIET)
        before = server.family_memory()
        with asking(server.address) as (longest, pause):
            for _ in range(count):
                reader = stack.enter_context(socket.socket())
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW)
                reader.connect(server.address)
                reader.sendall(b"GET /large HTTP/1.1\r\nHost: h\r\n\r\n")
                reader.recv(100)
            pause()
        return Waits(alone, longest(), (server.family_memory() - before) / (1 << 20))


@contextlib.contextmanager
def asking(address: Address) -> Iterator[tuple[Callable[[], float], Callable[[], object]]]:
    """Ask small questions in a thread while the context lasts; yields what returns the longest wait, and a pause."""
    stop, longest = threading.Event(), 0.0

    def ask() -> None:
        nonlocal longest
        longest = longest_wait(address, stop, None)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield lambda: longest, lambda: stop.wait(QUIET)
    finally:
        stop.set()
        thread.join()


def longest_wait(address: Address, stop: threading.Event, seconds: float | None) -> float:
    """The longest wait of a small request in ms, asked again and again until `stop`, or for some seconds."""
    longest, begun = 0, SYSTEM.now()
    with connect(address) as connection:
        while not stop.wait(PAUSE) and (seconds is None or SYSTEM.now() - begun < seconds * 1e6):
            asked = SYSTEM.now()
            connection.sendall(b"GET /small HTTP/1.1\r\nHost: h\r\n\r\n")
            if not connection.recv(4096):
                raise ConnectionError("the server ended the connection")
            longest = max(longest, SYSTEM.now() - asked)
    return longest / 1000


def head_of(kind: RequestKind, length: int) -> bytes:
    """The head of a large request."""
    fields = [*kind.headers, ("Content-Length", str(length)), ("Connection", "close")]
    lines = ["POST /large HTTP/1.1", "Host: h", *(f"{name}: {value}" for name, value in fields)]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def small(number: int) -> list[AnyRecord]:
    """The exchange of small requests."""
    return made(number, "GET", "/small", (), b"", [b"ok"])


def large(number: int, kind: RequestKind, body: bytes) -> list[AnyRecord]:
    """The exchange of a large request."""
    return made(number, "POST", "/large", kind.headers, body, [b"ok"])


def large_answer(number: int, size: int) -> list[AnyRecord]:
    """An exchange whose answer has some bytes, in chunks as a proxy records them."""
    return made(number, "GET", "/large", (), b"", [b"x" * (64 << 10)] * (size >> 16))


def made(
    number: int, method: str, path: str, headers: Headers, body: bytes, chunks: Sequence[bytes]
) -> list[AnyRecord]:
    """The records of an exchange whose answer comes at once."""
    length: Headers = (("Content-Length", str(sum(map(len, chunks)))),)
    exchange = RecordingExchange(number)
    return [
        Request(
            exchange=exchange,
            at=0,
            method=method,
            url=f"http://h{path}",
            http="1.1",
            headers=headers,
            body=body,
        ),
        Response(exchange=exchange, at=0, status=200, reason="OK", headers=length),
        *(Chunk(exchange=exchange, at=0, data=data) for data in chunks),
        End(exchange=exchange, at=0, how="complete"),
    ]


if __name__ == "__main__":
    show([run()])
