"""Takes the pictures of the platform's page with the system's Chromium: part of `make pictures`."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from playwright.sync_api import Locator, Page, expect, sync_playwright

from cassettes.samples import samples
from chatreel.cli.common_options import url
from chatreel.workflows.threaded_server import Threaded
from replayer.faults.language.plan import plan_of
from replayer.responder import ReplayOptions
from replayer.schedule.pace import Pace
from replayer.server import ReplaySettings, replay_server
from tools.chromium import CHROMIUM, QUIET

FOLDER = Path(__file__).parent.parent / "docs"
SIZE = {"width": 900, "height": 560}

STREAMED, POLLED = "What are the key financial metrics?", "Deep analysis request"
"""The questions of the samples `stream` and `job`."""


def take() -> None:
    """Take all pictures: of a platform that asks replays of the samples, one with a fault after the other."""
    # Django is an extra, which the other pictures can do without.
    from django.test import override_settings  # noqa: PLC0415

    from sample_platform import server  # noqa: PLC0415

    def asks(stream: str) -> contextlib.AbstractContextManager[None]:
        return override_settings(CHATBOT_DEEP_STREAM_URL=stream, CHATBOT_POLL_INTERVAL=0.02)

    with contextlib.ExitStack() as stack:
        database = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "platform.sqlite3"
        running = stack.enter_context(
            Threaded(lambda: server.run(("127.0.0.1", 0), database=f"sqlite:///{database}"))
        )
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(color_scheme="light", reduced_motion="reduce", viewport=SIZE)
        page.goto(url(*running.address))
        page.get_by_label("Name").fill(running.user)
        page.get_by_label("Password").fill(running.password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading")).to_be_visible()
        picture(page, "idle")
        with replaying("stream", "stall after-events=3") as origin, asks(f"{origin}/api/v1/stream"):
            ask(page, STREAMED, page.get_by_text("Analyzing financial data").first)
            picture(page, "progress")
            page.get_by_role("button", name="Stop").click()
            expect(page.get_by_role("alert")).to_be_visible()
        with replaying("stream") as origin, asks(f"{origin}/api/v1/stream"):
            page.get_by_role("button", name="Ask again").click()
            expect(page.locator("nav [aria-current]")).to_be_visible()
            picture(page, "answer")
        page.get_by_role("link", name="New chat").click()
        fault = "forget-job from-poll=2"
        with replaying("job", fault) as origin, asks(f"{origin}/api/v1/stream?mode=job"):
            ask(page, POLLED, page.get_by_role("alert"))
            page.get_by_text("Details").click()
            picture(page, "lost-session")
        browser.close()


def ask(page: Page, query: str, shown: Locator) -> None:
    """Ask, and wait until something is shown."""
    page.get_by_label("Your question").fill(query)
    page.keyboard.press("Enter")
    expect(shown).to_be_visible()


def picture(page: Page, name: str) -> None:
    """Take a picture of what is there."""
    page.mouse.move(0, 0)
    page.screenshot(path=FOLDER / f"platform-{name}.png")


@contextlib.contextmanager
def replaying(sample: str, *faults: str) -> Iterator[str]:
    """A replay of a sample with faults, as fast as it goes; its url."""

    @contextlib.asynccontextmanager
    async def run() -> AsyncIterator[str]:
        settings = ReplaySettings(
            listen=("127.0.0.1", 0),
            admin=None,
            pace=Pace(speed=float("inf")),
            options=ReplayOptions(plan=plan_of(faults)),
        )
        async with replay_server([samples()[sample]], settings, print) as server:
            yield url(*server.address)

    with Threaded(run) as origin:
        yield origin


if __name__ == "__main__":
    take()
