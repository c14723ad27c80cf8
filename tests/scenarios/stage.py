"""Where a scenario is played: against the sample chatbot, and against a replay of that very performance."""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import json
import logging
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from chatreel.cli.common_options import url
from chatreel.main import run
from chatreel.workflows.recording_proxy import capture
from chatreel.workflows.threaded_server import Threaded
from platform_client.client import PlatformClient
from platform_client.events import ClientEvent
from replayer.responder import Pace
from replayer.server import ReplaySettings, replay_server
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings

log = logging.getLogger("scenarios")

PACE = 0.01
"""A second of the document lasts this long here."""


class Said(NamedTuple):
    """What `chatreel client` left: its exit code, stdout, and the log on stderr."""

    code: int
    out: str
    log: str

    def blocks(self) -> list[tuple[str, Any]]:
        """The events that it printed: each block's title and JSON."""
        found = re.findall(r"^\[(\w+)\]\n(.*?)\n\n", self.out, re.MULTILINE | re.DOTALL)
        return [(title, json.loads(body)) for title, body in found]


class Stage:
    """One server and the tools of the document; `server_log` is None where there is no chatbot's log to see."""

    def __init__(self, origin: str, folder: Path, server_log: list[str] | None) -> None:
        self.origin = origin
        self.stream = f"{origin}/api/v1/stream"
        self.folder = folder
        self.server_log = server_log

    def client(self, path: str, query: str, *arguments: str) -> Said:
        """`mock_client.py --url <stream><path> --query <query> ...`: a poll each 2 s, for 300 s."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            where = ["--url", f"{self.stream}{path}", "--query", query]
            polls = ["--poll-interval", str(2 * PACE), "--max-poll-time", str(300 * PACE)]
            code = run(["client", *where, *polls, *arguments])
        return Said(code, out.getvalue(), err.getvalue())

    def ask(self, path: str, query: str, **settings: Any) -> list[ClientEvent]:
        """The same as a library."""
        with PlatformClient(f"{self.stream}{path}", poll_interval=2 * PACE, **settings) as client:
            return list(client.send(query))

    def curl(self, target: str, *arguments: str) -> str:
        """curl's stdout and stderr; the path is the server's. Each stage has its own cookies.txt."""
        if shutil.which("curl") is None:
            pytest.skip("needs curl")
        command = ["curl", "--silent", "--show-error", "--max-time", "20", *arguments, self.origin + target]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True, cwd=self.folder
        )
        return done.stdout.decode()

    def post(self, target: str, body: str, *arguments: str) -> str:
        """`curl -X POST -H "Content-Type: application/json" -d <body> ...`"""
        return self.curl(target, "-X", "POST", "-H", "Content-Type: application/json", "-d", body, *arguments)

    def create_job(self) -> dict[str, Any]:
        """The job of `curl -X POST "...?mode=job" -d '{"query": "test"}' -c cookies.txt`."""
        answer = json.loads(self.post("/api/v1/stream?mode=job", '{"query": "test"}', "-c", "cookies.txt"))
        assert isinstance(answer, dict)
        return answer

    def assert_server_logs(self, *expected: str) -> None:
        """Hold the chatbot's log to these parts of lines; a replay has no log of its own for them."""
        if self.server_log is not None:
            for part in expected:
                assert [line for line in self.server_log if part in line], part


type Scenario = Callable[[Stage], None]


def on(*targets: str, **settings: Any) -> Callable[[Scenario], Callable[..., None]]:
    """Play a scenario on each of "chatbot" and "replay". The settings are the sample chatbot's.

    What the replay plays was recorded by playing the same scenario through the proxy.
    """

    def decorate(scenario: Scenario) -> Callable[..., None]:
        @functools.wraps(scenario)
        def test(target: str, tmp_path: Path) -> None:
            with chatbot(**settings) as (origin, lines):
                if target == "chatbot":
                    scenario(Stage(origin, tmp_path, lines))
                    return
                cassette = tmp_path / "recording.jsonl"
                with capture(origin, cassette, log.info) as proxy:
                    scenario(Stage(proxy, tmp_path, lines))
            with replay(cassette) as replayed:
                scenario(Stage(replayed, tmp_path, None))

        test.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what pytest reads
            [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in ("target", "tmp_path")]
        )
        return pytest.mark.parametrize("target", targets)(test)

    return decorate


@contextlib.contextmanager
def chatbot(**settings: Any) -> Iterator[tuple[str, list[str]]]:
    """The sample chatbot, and the lines of its log."""
    lines: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger, collect = logging.getLogger("sample_chatbot"), Collect()
    logger.setLevel(logging.INFO)
    logger.addHandler(collect)
    logger.propagate = False  # else its lines stand among those of a client in this process
    try:
        with Threaded(lambda: server.run(ChatbotSettings(**{"pace": PACE, **settings}))) as origin:
            yield origin, lines
    finally:
        logger.removeHandler(collect)
        logger.propagate = True
        logger.setLevel(logging.NOTSET)


@contextlib.contextmanager
def replay(cassette: Path) -> Iterator[str]:
    """A replay server, at the recorded speed; its url."""

    @contextlib.asynccontextmanager
    async def serve() -> AsyncIterator[str]:
        settings = ReplaySettings(listen=("127.0.0.1", 0), admin=None, pace=Pace(speed=1.0))
        async with replay_server([cassette], settings, log.info) as running:
            yield url(*running.address)

    with Threaded(serve) as origin:
        yield origin
