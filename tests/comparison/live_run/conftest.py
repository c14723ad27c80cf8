from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from cassettes.file.reader import Cassette
from cassettes.model import Exchange
from cassettes.tokens.sessions import find_sessions
from comparison.live_run import LiveRunResult, LiveRunSettings, run_live
from foundation.clock import SYSTEM
from foundation.timers import HeapTimers
from replayer.selection.recordings import open_cassette
from tests.cassettes.recorded import HEADER, save
from tests.cassettes.talk import Talk
from tests.comparison.live_run.bot import Bot, Received

TURNS = 10
"""Of the loop, in which whoever was woken up does what it was waiting to do."""


class LeapingTimers(HeapTimers):
    """A clock that leaps to the next alarm, once those that rang before have been heard."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop, self)  # type: ignore[arg-type]  # it is its own clock
        self.time = 1_000_000

    def now(self) -> int:
        return self.time

    def wall(self) -> dt.datetime:
        return dt.datetime(2026, 11, 22, tzinfo=dt.UTC) + dt.timedelta(microseconds=self.time)

    def _arm(self, due: int) -> None:
        self._loop.call_soon(self._leap, due, TURNS)

    def _leap(self, due: int, turns: int) -> None:
        if turns:
            self._loop.call_soon(self._leap, due, turns - 1)
            return
        if due == self._armed:
            self.time = max(self.time, due)
            self.ring_due()


class Live(NamedTuple):
    """A live run: its result, and the exchanges that it recorded."""

    result: LiveRunResult
    exchanges: list[Exchange]
    path: Path
    reported: list[str]

    @property
    def hows(self) -> list[str]:
        return [one.how for one in self.result.exchanges]

    @property
    def whys(self) -> list[str]:
        return [one.why for one in self.result.exchanges]

    @property
    def lives(self) -> list[tuple[int, ...]]:
        return [one.live for one in self.result.exchanges]


@pytest.fixture
def written(tmp_path):
    """Writes a conversation as a cassette."""
    return lambda talk: save(tmp_path / "recorded.jsonl", [HEADER, *talk.records()])


@pytest.fixture
def run(tmp_path, written):
    """Sends the requests of a conversation, or a cassette, to a chatbot; `leap` gives it a clock that leaps."""

    async def start(
        recorded: Talk | Path, origin: str, *, leap: bool = False, progress=None, **settings
    ) -> Live:
        out = tmp_path / "live.jsonl"
        path = written(recorded) if isinstance(recorded, Talk) else recorded
        timers = LeapingTimers(asyncio.get_running_loop()) if leap else None
        reported: list[str] = []
        cassette, carriers, _ = open_cassette(path, lambda *_: None)
        with cassette:
            result = await run_live(
                cassette, find_sessions(cassette, carriers), out, LiveRunSettings(origin=origin, **settings),
                report=reported.append, progress=progress or (lambda _done, _total: None),
                clock=timers or SYSTEM, timers=timers,
            )  # fmt: skip
        with Cassette.open(out) as live:
            return Live(result, list(live.exchanges()), out, reported)

    return start


@pytest.fixture
def live(run):
    """Runs a conversation against a bot that responds with `answer`; returns the live run, and the bot."""

    def start(recorded: Talk, answer: Callable[[Received], object], **settings) -> tuple[Live, Bot]:
        async def main():
            async with Bot(answer) as bot:
                return await run(recorded, bot.url, **settings), bot

        return asyncio.run(main())

    return start
