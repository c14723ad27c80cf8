from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from cassettes.model import Chunk, End, Exchange, Request, Response
from replayer.faults.language.plan import plan_of
from replayer.responder import Pace, ReplayOptions
from replayer.server import ReplaySettings, replay_server


@pytest.fixture
def make_exchange() -> Callable[..., Exchange]:
    """Builds an exchange; chunks are (at, data), times count from `at`, the request's."""

    def make(
        chunks=(),
        headers=(("Transfer-Encoding", "chunked"),),
        *,
        method="GET",
        url="http://bot.example/s",
        body=b"",
        status=200,
        reason="OK",
        head_at=0,
        end_at=None,
        how="complete",
        http="1.1",
        encoding="",
        answered=True,
        number=0,
        at=500,
    ):
        response = Response(
            exchange=number, at=at + head_at, status=status, reason=reason, headers=headers, http=http,
            encoding=encoding,
        )  # fmt: skip
        last = max([head_at, *(when for when, _ in chunks)])
        return Exchange(
            number=number,
            request=Request(
                exchange=number, at=at, method=method, url=url, http="1.1", headers=(), body=body
            ),
            response=response if answered else None,
            chunks=tuple(Chunk(exchange=number, at=at + when, data=data) for when, data in chunks),
            end=End(exchange=number, at=at + (last if end_at is None else end_at), how=how),
        )

    return make


def octets(data: bytes) -> object:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def lines(exchange: Exchange) -> Iterator[dict[str, object]]:
    """The records of an exchange as the format's page has them."""
    request, response, end = exchange.request, exchange.response, exchange.end
    yield {"kind": "request", "exchange": exchange.number, "at": request.at, "method": request.method,
           "url": request.url, "http": request.http,
           "headers": request.headers, "body": octets(request.body)}  # fmt: skip
    if response is not None:
        yield {"kind": "response", "exchange": exchange.number, "at": response.at, "status": response.status,
               "reason": response.reason, "headers": response.headers, "http": response.http}  # fmt: skip
    for chunk in exchange.chunks:
        yield {"kind": "chunk", "exchange": exchange.number, "at": chunk.at, "data": octets(chunk.data)}
    yield {"kind": "end", "exchange": exchange.number, "at": end.at, "how": end.how, "message": end.message}


@pytest.fixture
def write_cassette(tmp_path) -> Callable[..., Path]:
    """Writes exchanges as a cassette, numbered in their order."""

    def write(*exchanges: Exchange, name: str = "test.jsonl") -> Path:
        header = {"chatreel": 1, "created": "2026-11-22T12:00:00.000000Z", "recorder": "test"}
        numbered = [msgspec.structs.replace(one, number=number) for number, one in enumerate(exchanges)]
        records = [header, *(record for one in numbered for record in lines(one))]
        path = tmp_path / name
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        return path

    return write


class Replay:
    """A replay server in a thread of its own, and what it said."""

    def __init__(self, paths, settings):
        self.said: list[str] = []
        self.defects: list[dict] = []
        self.address = self.admin_address = None
        self._paths, self._settings = paths, settings
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _loop, context: self.defects.append(context))
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        self._ready.wait(10)
        assert self.address, "the server did not start"
        return self

    def __exit__(self, *_error):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self.defects

    def _run(self):
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()
            self._ready.set()

    async def _serve(self):
        async with replay_server(self._paths, self._settings, self.said.append) as server:
            self.address, self.admin_address = server.address, server.admin_address
            self.url = "http://{}:{}".format(*server.address)
            self._ready.set()
            await self._stop.wait()

    def connect(self) -> socket.socket:
        connection = socket.create_connection(self.address, timeout=10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ask(self, request: bytes) -> bytes:
        """Send bytes on a connection of their own, and read until the server ends it."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_all(connection)

    def admin(self, path: str = "/health", method: str = "GET") -> bytes:
        host, port = self.admin_address
        with socket.create_connection((host, port), timeout=10) as connection:
            head = f"{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode())
            return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while data := connection.recv(65536):
            received += data
    return received


@pytest.fixture
def replay(write_cassette) -> Iterator[Callable[..., Replay]]:
    """Starts a replay server of these exchanges, at top speed and without `faults` unless told otherwise."""
    with contextlib.ExitStack() as stack:

        def start(*exchanges: Exchange, faults=(), **settings) -> Replay:
            settings = {
                "options": ReplayOptions(plan=plan_of(faults), fault_header=True),
                "listen": ("127.0.0.1", 0),
                "admin": None,
                "pace": Pace(speed=float("inf")),
            } | settings
            return stack.enter_context(Replay([write_cassette(*exchanges)], ReplaySettings(**settings)))

        yield start
