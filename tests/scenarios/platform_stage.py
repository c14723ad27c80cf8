"""Where the platform's scenarios are played: it asks the sample chatbot, or a replay of what it recorded itself."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import BrowserContext, Page, expect

from chatreel.workflows.recording_proxy import capture
from chatreel.workflows.threaded_server import Threaded
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings
from tests.sample_platform.postgresql import postgresql, select
from tests.sample_platform.running import Platform, asking, by_command, replaying
from tests.sample_platform.tab import Tab

PACE = 0.05
"""A second of the document lasts this long here."""

QUERY = "What are the key metrics for company XYZ?"

PROGRESS_SEEN = """
window.progressSeen = [];
new MutationObserver(() => {
  const bar = document.querySelector("progress");
  if (bar && window.progressSeen.at(-1) !== bar.value) window.progressSeen.push(bar.value);
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
"""Takes note of each value that the page's progress bar shows."""

type Target = Literal["chatbot", "replay"]
type Mode = Literal["", "?mode=job"]
type Database = Literal["SQLite", "PostgreSQL"]


@dataclass(frozen=True)
class Flow:
    """What a flow left: in the page, in its console and address, in Django's log, and in the database."""

    user: str
    address: str
    answer: str
    progress: list[float]
    states: list[Any]
    console: list[str]
    console_errors: list[str]
    log: list[str]
    row: dict[str, Any]
    owner: str


class Stage:
    """Plays each flow once, in a page of its own; several scenarios look at what it left."""

    def __init__(self, platform: Platform, context: BrowserContext, folder: Path) -> None:
        self._platform = platform
        self._context = context
        self._folder = folder
        self._open = contextlib.ExitStack()
        self.flow = functools.cache(self._flow)
        self._recording = functools.cache(self._record)
        self._postgresql = functools.cache(lambda: self._open.enter_context(postgresql()))

    def close(self) -> None:
        """End what runs for all flows."""
        self._open.close()

    def _flow(self, target: Target, mode: Mode, database: Database) -> Flow:
        with (
            self._chatbot(target, mode) as stream,
            self._asking(stream, database) as platform,
            contextlib.closing(self._context.new_page()) as page,
        ):
            before = len(platform.log())
            tab = submitted(page, platform)
            row = platform.newest()
            self._context.clear_cookies()
            return Flow(
                user=platform.user,
                address=page.url,
                answer=tab.answers.inner_text(),
                progress=page.evaluate("window.progressSeen"),
                states=tab.states(),
                console=tab.console,
                console_errors=tab.complaints + tab.refusals,
                log=platform.log()[before:],
                row=row,
                owner=owner(platform, row["chat_session_id"]),
            )

    @contextlib.contextmanager
    def _chatbot(self, target: Target, mode: Mode) -> Iterator[str]:
        """The url of a chatbot's stream."""
        running = (
            Threaded(lambda: server.run(ChatbotSettings(pace=PACE)))
            if target == "chatbot"
            else replaying(self._recording(mode), speed=1.0)
        )
        with running as origin:
            yield f"{origin}/api/v1/stream{mode}"

    def _record(self, mode: Mode) -> Path:
        """A recording of the sample chatbot, made through the proxy from the platform itself."""
        cassette = self._folder / f"{mode.strip('?')}platform.jsonl"
        with (
            Threaded(lambda: server.run(ChatbotSettings(pace=PACE))) as origin,
            capture(origin, cassette, print) as proxy,
            self._asking(f"{proxy}/api/v1/stream{mode}", "SQLite") as platform,
        ):
            events = platform.visitor().ask(QUERY)
        assert "result" in dict(events)
        return cassette

    @contextlib.contextmanager
    def _asking(self, stream: str, database: Database) -> Iterator[Platform]:
        """A platform that asks a chatbot at this pace."""
        if database == "SQLite":
            with asking(stream, CHATBOT_POLL_INTERVAL=2 * PACE, MAX_POLL_TIMEOUT_SECONDS=300 * PACE):
                yield self._platform
            return
        url = self._postgresql()
        with by_command(
            self._folder / "platform.log",
            *("--chatbot", stream, "--database", url),
            select=lambda sql: select(url, sql),
            CHATBOT_POLL_INTERVAL=str(2 * PACE),
            MAX_POLL_TIMEOUT_SECONDS=str(300 * PACE),
        ) as platform:
            yield platform


def submitted(page: Page, platform: Platform) -> Tab:
    """Steps 2 to 5 of the document, by mouse: the assistant once the answer is there and its stream has ended."""
    page.add_init_script(PROGRESS_SEEN)
    tab = Tab(page, platform).sign_in()
    page.get_by_label("Deep Research").click()
    tab.ask(QUERY)
    tab.answers.wait_for()
    # The list of chats is loaded anew when the stream has ended, and by then the answer is saved.
    expect(page.locator("nav [aria-current]")).to_have_text(QUERY)
    return tab


def owner(platform: Platform, session_id: object) -> str:
    """The name of the user to whom a chat session belongs."""
    [name] = [
        row["username"]
        for row in platform.select(
            "SELECT analytics_chatsessions.id, username FROM analytics_chatsessions "
            "JOIN auth_user ON auth_user.id = user_id"
        )
        if row["id"] == session_id
    ]
    return str(name)
