"""The sample chatbot, a recording proxy, a replay server and a browser, all real."""

from __future__ import annotations

import contextlib
import math
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from chatreel.options import url
from chatreel.threaded import Threaded
from replayer.responder import Manners, Pace
from replayer.server import Settings as ReplaySettings
from replayer.server import replay_server
from sample_chatbot import server
from sample_chatbot.settings import Settings

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

# A browser that talks to nobody but the page's own server.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

RECORDED = Manners(tokens="recorded")


@pytest.fixture(scope="module")
def chatbot() -> Iterator[str]:
    settings = Settings(pace=0.02, workers_cookie=True, strict_sessions=True)
    with Threaded(lambda: server.run(settings)) as origin:
        yield origin


@pytest.fixture
def replay() -> Iterator[Callable[..., str]]:
    """Starts replay servers, which play the recorded tokens unless told otherwise; gives the url."""
    with contextlib.ExitStack() as stack:

        def start(path: Path, speed: float = math.inf, manners: Manners = RECORDED) -> str:
            @contextlib.asynccontextmanager
            async def run() -> AsyncIterator[str]:
                settings = ReplaySettings(
                    listen=("127.0.0.1", 0),
                    admin=None,
                    pace=Pace(speed=speed),
                    manners=manners,
                )
                async with replay_server([path], settings, print) as server:
                    yield url(*server.address)

            return stack.enter_context(Threaded(run))

        yield start


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A tab of a headless Chromium."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: install the package `chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser.new_page()
        browser.close()
