"""The inspector's page in a browser: a server of its own for each test, and a page that must not complain."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, expect

from cassettes.samples import samples
from chatreel.cli.common_options import url
from chatreel.workflows.threaded_server import Threaded
from inspector.indexing import indexing_process
from inspector.server import InspectorSettings, inspector_server

# A machine that does other things meanwhile is slow; who waits for a condition need not know.
expect.set_options(timeout=20_000)

SCHEMES: dict[Any, dict[str, Any]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},  # all else is the same
}

type Inspected = Callable[..., str]


@contextlib.contextmanager
def inspectors() -> Iterator[Inspected]:
    """Starts inspectors of cassettes, by their paths or the samples' names; gives the page's url."""
    with contextlib.ExitStack() as stack:

        def start(*cassettes: Path | str, token: str = "") -> str:
            @contextlib.asynccontextmanager
            async def run():
                paths = [samples()[one] if isinstance(one, str) else one for one in cassettes]
                settings = InspectorSettings(listen=("127.0.0.1", 0), token=token)
                async with inspector_server(paths, settings) as address:
                    yield f"{url(*address)}/inspect/"

            return stack.enter_context(Threaded(run))

        yield start


@pytest.fixture
def inspected() -> Iterator[Inspected]:
    """Inspectors of the test's own."""
    with inspectors() as start:
        yield start


@pytest.fixture(scope="module")
def inspected_by_all() -> Iterator[Inspected]:
    """Inspectors that a module's tests share: a server is soon there, but its helper costs a start of Python."""
    with inspectors() as start:
        yield start


@pytest.fixture
def quiet_page(page: Page) -> Iterator[Page]:
    """A page on which nothing may fail: no error, and nothing that the Content-Security-Policy forbids."""
    complaints: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        # The browser also tells of each 404 of the API, such as that of a job that is not looked through yet.
        if said.type in {"error", "warning"} and "/inspect/api/" not in said.location["url"]:
            complaints.append(said.text)

    page.set_default_timeout(10_000)
    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Asserts that axe finds nothing wrong with a page, in light and in dark."""

    def check(page: Page) -> None:
        for scheme, options in SCHEMES.items():
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found: Any = Axe().run(page, options=options)
            assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"

    return check


@pytest.fixture
def indexers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The indexing processes, as they are started."""
    started: list[subprocess.Popen[bytes]] = []
    start = indexing_process.start

    def keep() -> subprocess.Popen[bytes]:
        started.append(start())
        return started[-1]

    monkeypatch.setattr(indexing_process, "start", keep)
    yield started
    for one in started:
        os.kill(one.pid, signal.SIGCONT)
