"""Measures how much CPU time a replay takes for a request, beside a bare `asyncio.Protocol` and talkback.

The time is that of the server's process, from the system, so that neither the client nor what else the machine does
counts. Requests come on keep-alive connections, each after the answer to the last one.
"""

from __future__ import annotations

import json
import re
import selectors
import shutil
import socket
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rich.table import Table

from benchmarks.generated import progress, write_cassette
from benchmarks.measured_process import Process, chatreel, module
from benchmarks.result_tables import MeasureRow, show, table
from benchmarks.rounds import in_turns
from benchmarks.stream_client import Address
from cassettes.model import AnyRecord, Chunk, End, RecordingExchange, Request, Response
from foundation.http.headers import Headers

ROUNDS = 5
CONNECTIONS = 64
REQUESTS = {
    "poll": 20_000,
    "poll with a cookie and a job's id": 10_000,
    "instant stream of 200 events": 5_000,
}
"""The requests of a round, by their kind."""

WARM_UP = 500
"""Requests before the time is first read."""

PEERS = Path(__file__).parent / "peers"
SHARED = b"GET /poll HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
STREAMED = b"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
ASKED = b"GET /ask HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

JSON: Headers = (("Content-Type", "application/json"),)
STATE = b'{"job_id": "job-77f3a9c2", "status": "running", "progress": 50}'

type Start = Callable[[Path], Process]


def run(rounds: int = ROUNDS, requests: int | None = None, connections: int = CONNECTIONS) -> Table:
    """Measure all servers that are there in turns; `requests` stands for the numbers of each kind."""
    rows: list[MeasureRow] = []
    with tempfile.TemporaryDirectory() as folder:
        cassette = Path(folder, "throughput.jsonl")
        write_cassette(cassette, exchanges())
        for kind, many in REQUESTS.items():
            path = write_answer(Path(folder), kind)
            sides: dict[str, Start] = {"chatreel": partial(replaying, cassette), "asyncio.Protocol": bare}
            if talkback_is_there() and kind != "poll with a cookie and a job's id":
                sides["talkback"] = talkback
            measured = in_turns(
                rounds,
                *(
                    partial(microseconds, start, path, kind, requests or many, connections)
                    for start in sides.values()
                ),
            )
            ours, *others = measured
            rows += [
                MeasureRow(f"{kind}, beside {peer}", ours, theirs)
                for peer, theirs in zip(list(sides)[1:], others, strict=True)
            ]
    missing = (
        "" if talkback_is_there() else "; without talkback: it needs Node and `npm ci` in benchmarks/peers"
    )
    title = f"Replay throughput: CPU of the server for a request (µs){missing}"
    return table(title, "chatreel replay", "yardstick", rows)


def exchanges() -> list[list[AnyRecord]]:
    """A poll that tells no clients apart; a question that gives a cookie and a job, and a poll of that; a stream."""
    cookie = ("Set-Cookie", "session_id=a1b2c3d4e5f6a7b8; Path=/; HttpOnly")
    own: Headers = (("Cookie", "session_id=a1b2c3d4e5f6a7b8"),)
    events = [(place, progress(place)) for place in range(200)]
    streamed: Headers = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
    return [
        exchange(0, "/poll", (), sized(b'{"status": "running"}'), [(10, b'{"status": "running"}')]),
        exchange(1, "/ask", (), (*sized(STATE), cookie), [(10, STATE)]),
        exchange(2, "/jobs/job-77f3a9c2", own, sized(STATE), [(10, STATE)]),
        exchange(3, "/stream", (), streamed, events),
    ]


def sized(body: bytes) -> Headers:
    """The headers of a JSON body."""
    return (*JSON, ("Content-Length", str(len(body))))


def exchange(
    number: int, path: str, sent: Headers, headers: Headers, chunks: Sequence[tuple[int, bytes]]
) -> list[AnyRecord]:
    """The records of a GET."""
    own, at = RecordingExchange(number), 1000 * number
    request = Request(
        exchange=own, at=at, method="GET", url=f"http://127.0.0.1{path}", http="1.1", headers=sent
    )
    return [
        request,
        Response(exchange=own, at=at, status=200, reason="OK", headers=headers),
        *(Chunk(exchange=own, at=at + after, data=data) for after, data in chunks),
        End(exchange=own, at=at + 300, how="complete"),
    ]


def write_answer(folder: Path, kind: str) -> Path:
    """Write the answer of the yardsticks to a kind of request, for talkback as a tape; returns the folder."""
    place = folder / kind.partition(" ")[0]
    tapes = place / "tapes"
    tapes.mkdir(parents=True, exist_ok=True)
    streamed = kind.startswith("instant")
    body = b"".join(map(progress, range(200))) if streamed else b'{"status": "running"}'
    media_type = "text/event-stream" if streamed else "application/json"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    (place / "answer").write_bytes(head.encode() + body)
    meta = {"createdAt": "2026-11-22T00:00:00.000Z", "host": "http://127.0.0.1:1", "resHumanReadable": True}
    tape = {
        "meta": meta,
        "req": {"url": "/stream" if streamed else "/poll", "method": "GET", "headers": {}, "body": ""},
        "res": {
            "status": 200,
            "headers": {"content-type": [media_type]},
            "body": body.decode() if streamed else json.loads(body),
        },
    }
    (tapes / "tape.json5").write_text(json.dumps(tape), encoding="utf-8")
    return place


def replaying(cassette: Path, _answer: Path) -> Process:
    """A replay of the cassette, as fast as it goes."""
    return chatreel("replay", str(cassette), "--speed", "max", "--admin", "off")


def bare(answer: Path) -> Process:
    """The protocol that looks at nothing."""
    return module("benchmarks.bare_protocol", str(answer / "answer"))


def talkback_is_there() -> bool:
    """Whether there are Node and its package."""
    return shutil.which("node") is not None and (PEERS / "node_modules" / "talkback").exists()


def talkback(answer: Path) -> Process:
    """A talkback that replays the tape."""
    return Process("node", str(PEERS / "talkback_server.cjs"), str(answer / "tapes"))


def microseconds(start: Start, answer: Path, kind: str, requests: int, connections: int) -> float:
    """The CPU time of a new server for each request, in microseconds."""
    with start(answer) as server:
        clients = [RequestingClient(server.address, kind) for _ in range(connections)]
        try:
            converse(clients, min(WARM_UP, requests))
            before = server.cpu_time()
            converse(clients, requests)
            return (server.cpu_time() - before) / requests * 1e6
        finally:
            for client in clients:
                client.connection.close()


class RequestingClient:
    """A connection on which one request after the other is sent; the answers to them have one length."""

    def __init__(self, address: Address, kind: str) -> None:
        self.connection = socket.create_connection(address, timeout=30)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._missing = 0
        self._request = SHARED
        if kind.startswith("instant"):
            self._request = STREAMED
        elif kind != "poll":
            self._request = own_poll(self._whole(ASKED))
        self._length = len(self._whole(self._request))

    def ask(self) -> None:
        """Send the next request."""
        self.connection.sendall(self._request)
        self._missing = self._length

    def has_all(self) -> bool:
        """Read what has arrived; returns whether that was the rest of the answer."""
        data = self.connection.recv(1 << 18)
        if not data:
            raise ConnectionError("the server ended the connection")
        self._missing -= len(data)
        return self._missing <= 0

    def _whole(self, request: bytes) -> bytes:
        self.connection.sendall(request)
        received = b""
        while not is_whole(received):
            received += self.connection.recv(1 << 18)
        return received


def is_whole(answer: bytes) -> bool:
    """Whether an answer has its end."""
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    return bool(end) and (len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n"))


def own_poll(answer: bytes) -> bytes:
    """The poll of the job that an answer gave its client, with its cookie; the shared one where it gave none."""
    cookie, job = re.search(rb"session_id=\w+", answer), re.search(rb'"job_id": "([^"]+)"', answer)
    if cookie is None or job is None:
        return SHARED
    return b"GET /jobs/%b HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: %b\r\n\r\n" % (job[1], cookie[0])


def converse(clients: Sequence[RequestingClient], requests: int) -> None:
    """Send so many requests on all connections at once."""
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.connection, selectors.EVENT_READ, client)
        left = requests
        waiting = 0
        for client in clients[:left]:
            client.ask()
            left, waiting = left - 1, waiting + 1
        while waiting:
            for key, _ in selector.select():
                client = key.data
                if client.has_all():
                    waiting -= 1
                    if left:
                        client.ask()
                        left, waiting = left - 1, waiting + 1


if __name__ == "__main__":
    show([run()])
