"""Platforms that run for a test: one in this process on SQLite, and any by its command."""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from cassettes.framings.event import Event
from cassettes.framings.sse import Decoder
from chatreel.cli.common_options import url
from chatreel.workflows.threaded_server import Threaded
from replayer.faults.language.plan import plan_of
from replayer.responder import ReplayOptions
from replayer.schedule.pace import Pace
from replayer.server import ReplaySettings, replay_server

NEWEST = "SELECT * FROM analytics_chatmessages ORDER BY date_created DESC LIMIT 1;"
"""The query of the acceptance document."""

type Rows = list[dict[str, Any]]


@dataclass
class Platform:
    """A platform: its url, its demo user, its database by SQL, its log, and its process where it has its own."""

    url: str
    user: str
    password: str
    select: Callable[[str], Rows]
    log: Callable[[], list[str]]
    process: subprocess.Popen[str] | None = None

    def visitor(self) -> Visitor:
        """Somebody who has signed in, without a browser."""
        visitor = Visitor(self.url)
        visitor.sign_in(self.user, self.password)
        return visitor

    def newest(self) -> dict[str, Any]:
        """The row that the acceptance document looks at."""
        [row] = self.select(NEWEST)
        return row

    def row_of(self, query: str) -> dict[str, Any]:
        """The one row of a question."""
        [row] = [
            row for row in self.select("SELECT * FROM analytics_chatmessages") if row["query_str"] == query
        ]
        return row


@dataclass
class Visitor:
    """A client with a browser's cookies."""

    url: str
    http: requests.Session = field(default_factory=requests.Session)

    def sign_in(self, user: str, password: str) -> requests.Response:
        """Fill in the form of the login page."""
        page = self.http.get(f"{self.url}/analytics/assistant", timeout=20)
        form = dict(re.findall(r'name="(csrfmiddlewaretoken|next)" value="([^"]*)"', page.text))
        return self.http.post(page.url, data={**form, "username": user, "password": password}, timeout=20)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        """Send JSON as the page does."""
        token = {"X-CSRFToken": self.http.cookies.get("csrftoken", "")}
        return self.http.post(self.url + path, json=body, headers=token, timeout=20, **options)

    def open(self, query: str, **fields: Any) -> requests.Response:
        """Ask, and leave the stream open."""
        return self.post("/analytics/chat/stream", {"query": query, **fields}, stream=True)

    def ask(self, query: str, **fields: Any) -> list[tuple[str, Any]]:
        """Ask; the events of the whole stream, each with its data from JSON."""
        with self.open(query, **fields) as response:
            assert response.status_code == 200, response.text
            return [(event.type, json.loads(event.data)) for event in events_of(response)]

    def get(self, path: str) -> requests.Response:
        """Load something."""
        return self.http.get(self.url + path, timeout=20)


def events_of(response: requests.Response) -> Iterator[Event]:
    """The events of a stream as they arrive."""
    decoder = Decoder()
    while chunk := response.raw.read1(65536, decode_content=True):
        yield from decoder.feed(chunk)


@contextlib.contextmanager
def in_this_process(folder: Path) -> Iterator[Platform]:
    """A platform on SQLite; Django allows one of them a process. `asking` points it at a chatbot."""
    from sample_platform import server  # noqa: PLC0415 - importing Django takes a while

    database = folder / "platform.sqlite3"
    lines: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    with Threaded(lambda: server.run(("127.0.0.1", 0), database=f"sqlite:///{database}")) as running:
        for name in ("analytics", "platform_client", "django.request"):
            logging.getLogger(name).addHandler(Collect())
        yield Platform(
            url(*running.address),
            running.user,
            running.password,
            lambda sql: sqlite(database, sql),
            lines.copy,
        )


@contextlib.contextmanager
def asking(chatbot: str, **settings: Any) -> Iterator[None]:
    """Let the platform of this process ask a chatbot at the url of its stream, with some other settings."""
    from django.test import override_settings  # noqa: PLC0415 - importing Django takes a while

    with override_settings(CHATBOT_DEEP_STREAM_URL=chatbot, **settings):
        yield


def sqlite(database: Path, sql: str) -> Rows:
    """What a query finds."""
    with contextlib.closing(sqlite3.connect(database, timeout=20)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql)]


@contextlib.contextmanager
def by_command(
    log: Path, *arguments: str, select: Callable[[str], Rows] | None = None, **environment: str
) -> Iterator[Platform]:
    """`chatreel platform` on a free port; its stderr is in the file `log`."""
    command = [sys.executable, "-m", "chatreel", "platform", "--listen", "127.0.0.1:0", *arguments]
    with log.open("w", encoding="utf-8") as stderr:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, env={**os.environ, **environment}
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        ready = re.fullmatch(
            r"Platform on (http://\S+)/analytics/assistant, sign in as (\w+) with the password (\S+)\n", line
        )
        assert ready, line + log.read_text(encoding="utf-8")
        lines = lambda: log.read_text(encoding="utf-8").splitlines()  # noqa: E731 - it is an argument
        yield Platform(*ready.groups(), select or (lambda _sql: []), lines, process)
    finally:
        process.terminate()
        process.communicate(timeout=20)


@contextlib.contextmanager
def replaying(cassette: Path, *faults: str, speed: float = math.inf) -> Iterator[str]:
    """A replay server of a cassette, with faults; its url."""

    @contextlib.asynccontextmanager
    async def run() -> AsyncIterator[str]:
        settings = ReplaySettings(
            listen=("127.0.0.1", 0),
            admin=None,
            pace=Pace(speed=speed),
            options=ReplayOptions(plan=plan_of(faults)),
        )
        async with replay_server([cassette], settings, print) as server:
            yield url(*server.address)

    with Threaded(run) as origin:
        yield origin
