from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatreel.workflows.threaded_server import Threaded
from foundation.clock import SYSTEM, SystemClock
from platform_client.client import PlatformClient
from platform_client.events import ClientEvent
from sample_chatbot import server as sample
from sample_chatbot.settings import ChatbotSettings
from tests.platform_client.raw_server import Answer, AnsweringServer


class JumpingClock(SystemClock):
    """Sleeping takes no time, and yet the time goes on."""

    def __init__(self) -> None:
        self._skipped = 0

    def now(self) -> int:
        return SYSTEM.now() + self._skipped

    def sleep(self, seconds: float) -> None:
        self._skipped += round(seconds * 1_000_000)


@pytest.fixture
def serve() -> Iterator[Callable[..., AnsweringServer]]:
    """Starts a server of hand-made answers."""
    running: list[AnsweringServer] = []

    def run(*answers: Answer, tls: ssl.SSLContext | None = None) -> AnsweringServer:
        running.append(AnsweringServer(answers, tls).__enter__())
        return running[-1]

    yield run
    for server in running:
        server.__exit__()


@pytest.fixture
def chatbot() -> Iterator[Callable[..., str]]:
    """Starts a sample chatbot; its stream's url."""
    with contextlib.ExitStack() as running:

        def run(**settings: Any) -> str:
            chosen = ChatbotSettings(**{"pace": 0, **settings})
            return running.enter_context(Threaded(lambda: sample.run(chosen))) + "/api/v1/stream"

        yield run


@pytest.fixture
def client() -> Iterator[Callable[..., PlatformClient]]:
    """Makes a client that does not wait between polls."""
    made: list[PlatformClient] = []

    def make(url: str, **arguments: Any) -> PlatformClient:
        made.append(PlatformClient(url, **{"clock": JumpingClock(), **arguments}))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def ask(client: Callable[..., PlatformClient]) -> Callable[..., list[ClientEvent]]:
    """Asks a url, and gives all events."""
    return lambda url, **arguments: list(client(url, **arguments).send("test"))
