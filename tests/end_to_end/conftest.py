"""The sample chatbot, a recording proxy and a replay server, all real."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from chatreel.cli.common_options import url
from chatreel.workflows.threaded_server import Threaded
from replayer.responder import Pace, ReplayOptions
from replayer.server import ReplaySettings, replay_server
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings

RECORDED = ReplayOptions(tokens="recorded")


@pytest.fixture(scope="module")
def chatbot() -> Iterator[str]:
    settings = ChatbotSettings(pace=0.02, workers_cookie=True, strict_sessions=True)
    with Threaded(lambda: server.run(settings)) as origin:
        yield origin


@contextlib.contextmanager
def replayed(path: Path, speed: float = math.inf, options: ReplayOptions = RECORDED) -> Iterator[str]:
    """Runs a replay server, which plays the recorded tokens unless told otherwise; gives the url."""

    @contextlib.asynccontextmanager
    async def run() -> AsyncIterator[str]:
        settings = ReplaySettings(
            listen=("127.0.0.1", 0),
            admin=None,
            pace=Pace(speed=speed),
            options=options,
        )
        async with replay_server([path], settings, print) as server:
            yield url(*server.address)

    with Threaded(run) as origin:
        yield origin


@pytest.fixture
def replay() -> Iterator[Callable[..., str]]:
    """Starts replay servers as `replayed` does; gives the url."""
    with contextlib.ExitStack() as stack:
        yield lambda *given, **named: stack.enter_context(replayed(*given, **named))
