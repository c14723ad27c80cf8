"""What several folders' tests share: servers and clients without manners, on real sockets, and a browser."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator

import hypothesis
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.jumping_clock import JumpingTimers
from tests.raw_server import RawServer, Talk, read_request
from tests.sample_platform.running import Platform, in_this_process
from tools.chromium import CHROMIUM, QUIET

# The same examples each time: a failure in CI is one that anybody can repeat.
hypothesis.settings.register_profile(
    "chatreel",
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("chatreel")


@pytest.fixture
def raw_server() -> Iterator[Callable[..., RawServer]]:
    """Starts servers that say exactly what a test wants said."""
    with contextlib.ExitStack() as stack:

        def start(talk: Talk, tls: ssl.SSLContext | None = None) -> RawServer:
            return stack.enter_context(RawServer(talk, tls))

        yield start


@pytest.fixture(name="read_request")
def read_request_fixture() -> Callable[[socket.socket], bytes]:
    return read_request


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform of this process, which `asking` points at a chatbot."""
    with in_this_process(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; no longer than a module, as its loop would be in the way of tests that run their own."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: install the package `chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Windows that share a process, which an empty one keeps alive: it takes longer to start than most tests take."""
    with contextlib.closing(browser.new_context()) as context:
        context.new_page()
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab without cookies and memory."""
    with contextlib.closing(context.new_page()) as page:
        yield page
        if page.url.startswith("http"):
            page.evaluate("localStorage.clear()")
        context.clear_cookies()


@pytest.fixture
def timers() -> Iterator[JumpingTimers]:
    loop = asyncio.new_event_loop()
    yield JumpingTimers(loop)
    loop.close()
