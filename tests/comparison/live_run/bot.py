"""A chatbot on a real socket that says what a test wants, and what is asked of it."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
from collections.abc import Callable
from typing import Any, NamedTuple, Self

from tests.cassettes.talk import Talk


class Received(NamedTuple):
    """A request as a chatbot got it."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (part.strip().partition("=") for part in self.header("cookie").split(";") if part)
        return {name: value for name, _, value in pairs}


def reply(answer: Any = None, *cookies: str, status: str = "200 OK", headers: str = "") -> bytes:
    """A JSON answer that sets these cookies."""
    data = json.dumps({} if answer is None else answer).encode()
    given = "".join(f"Set-Cookie: {cookie}\r\n" for cookie in cookies)
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{given}{headers}Content-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


LAST = b"0\r\n\r\n"
EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def event(data: Any) -> bytes:
    """An event in a chunk of its own."""
    text = f"data: {json.dumps(data)}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(text), text)


class Bot:
    """A chatbot whose every answer is what `answer` gives for a request: bytes, or an iterator of them."""

    def __init__(self, answer: Callable[[Received], Any]) -> None:
        self.received: list[Received] = []
        self.open = self.most = 0
        self._answer = answer
        self._talking: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for talking in self._talking:
            talking.cancel()
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talking.add(task)
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            # A cancelled handler would look like a defect.
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                self.received.append(await receive(reader))
                await self._say(writer, self._answer(self.received[-1]))
        finally:
            self.open -= 1
            self._talking.discard(task)
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter, said: Any) -> None:
        if inspect.isawaitable(said):
            said = await said
        if isinstance(said, bytes):
            writer.write(said)
        else:
            async for piece in said:
                writer.write(piece)
        await writer.drain()


async def receive(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    asked = Received(method, target, headers, b"")
    return asked._replace(body=await reader.readexactly(int(asked.header("content-length") or 0)))


def job_talk(*statuses: str, job: str = "job_recorded01", cookie: str = "sess-recorded-1") -> Talk:
    """A recorded job, each of whose polls said one of these."""
    talk = Talk()
    talk.add(
        "/chat", body={"query": "hi"}, gives=[f"s={cookie}"], answer={"job_id": job, "status": "pending"}
    )
    for status in statuses:
        talk.add(f"/jobs/{job}", cookies=f"s={cookie}", answer={"job_id": job, "status": status})
    return talk
