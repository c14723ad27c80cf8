from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from chatreel.workflows.threaded_server import Threaded
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def cookies(self) -> list[str]:
        return [value for name, value in self.headers if name == "Set-Cookie"]

    def cookie(self) -> str:
        return "; ".join(value.partition(";")[0] for value in self.cookies())


class Caller:
    """Plain requests to one chatbot, each on a connection of its own."""

    def __init__(self, url: str) -> None:
        self.host, _, port = url.removeprefix("http://").partition(":")
        self.port = int(port)

    def ask(self, method: str, path: str, body: bytes | None = None, cookie: str = "") -> Answer:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            connection.request(method, path, body, {"Cookie": cookie} if cookie else {})
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def post(self, path: str = "", query: str = "test", cookie: str = "") -> Answer:
        return self.ask("POST", f"/api/v1/stream{path}", json.dumps({"query": query}).encode(), cookie)

    def connect(self) -> socket.socket:
        return socket.create_connection((self.host, self.port), timeout=10)


@pytest.fixture
def start() -> Iterator[Callable[..., Caller]]:
    """Starts a chatbot that waits for nothing, unless its settings say so."""
    with contextlib.ExitStack() as running:

        def run(**settings: Any) -> Caller:
            chosen = ChatbotSettings(**{"pace": 0, **settings})
            return Caller(running.enter_context(Threaded(lambda: server.run(chosen))))

        yield run


@pytest.fixture
def bot(start: Callable[..., Caller]) -> Caller:
    return start()
