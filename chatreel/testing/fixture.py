"""The object that the fixture `chatreel` gives: everything that one test replays or records."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from operator import methodcaller
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from chatreel.testing.cassette_lookup import FoundCassette, existing, find
from chatreel.testing.explanation import explain
from chatreel.testing.recording import Recorders, Recording
from chatreel.testing.replay import Replay, replaying
from chatreel.testing.replay_options import settings_of
from foundation.errors import ChatreelError, UsageError
from replayer.journal import JournalEntry
from replayer.selection.client_sessions import ClientSession
from replayer.server import ReplaySettings

# A traceback of what is wrong in a test ends in the test.
__tracebackhide__ = methodcaller("errisinstance", (ChatreelError, AssertionError))

type Reel = Replay | Recording
"""A chatbot for a test: one that is played, or a live one that is recorded. Both have the same members."""


class Chatreel:
    """Starts replays. It has the members of the first one itself, which is the marker's where there is one.

    `folders` are what relative paths count from, the nearest first; `options` those of the markers.
    """

    def __init__(self, folders: Sequence[Path], recorders: Recorders, options: Mapping[str, Any]) -> None:
        self.passed = False
        self._folders = folders
        self._recorders = recorders
        self._options = options
        self._reels: list[Reel] = []
        self._watched: list[Reel] = []
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def replay(self, *cassettes: str | Path, **options: Any) -> Reel:
        """Play cassettes; or record one of the live chatbot, when the test run is to.

        A cassette is a path, relative to the test's folder or else to the root of the tests, or the name of a
        sample. The options are `upstream`, the url of the live chatbot, `allow_misses`, and those of the command
        `chatreel replay`, where `speed` is "max" by default; what is not given is as in the markers. Raises
        UsageError, CassetteError and ServerError.
        """
        try:
            return self._start(cassettes, options)
        except ChatreelError as error:
            raise error.with_traceback(None) from None  # it is about the line that calls this one

    def _start(self, cassettes: Sequence[str | Path], options: Mapping[str, Any]) -> Reel:
        if not cassettes:
            raise UsageError('name a cassette, as in chatreel.replay("conversation.jsonl")')
        chosen = {**self._options, **options}
        upstream, allow_misses = chosen.pop("upstream", ""), chosen.pop("allow_misses", False)
        settings = settings_of(chosen, self._folders)
        found = [find(name, self._folders) for name in cassettes]
        reel = self._stack.enter_context(self._reel(found, upstream, settings))
        self._reels.append(reel)
        if not allow_misses:
            self._watched.append(reel)
        return reel

    def _reel(
        self, found: Sequence[FoundCassette], upstream: str, settings: ReplaySettings
    ) -> contextlib.AbstractContextManager[Reel]:
        if self._recorders.record(found) and not settings.options.plan.faults:  # a test of faults replays
            return self._recorders.recording(found, upstream, lambda: self.passed)
        if self._recorders.add(found):
            return self._recorders.adding(found, upstream, settings, lambda: self.passed)
        return replaying(existing(found, self._folders, upstream), settings)

    @property
    def url(self) -> str:
        """Where the client asks: scheme, host and port."""
        return self._first.url

    @property
    def journal(self) -> list[JournalEntry]:
        """What was asked, and what became of it."""
        return self._first.journal

    @property
    def misses(self) -> list[JournalEntry]:
        """What was asked and is not in the cassettes."""
        return self._first.misses

    @property
    def sessions(self) -> list[ClientSession]:
        """The clients, with the tokens that each was given."""
        return self._first.sessions

    @property
    def faults(self) -> list[str]:
        """The faults that hold, as lines. Others can be set at any time; they begin to count anew."""
        return self._first.faults

    @faults.setter
    def faults(self, faults: Iterable[str]) -> None:
        try:
            self._first.faults = faults
        except ChatreelError as error:
            raise error.with_traceback(None) from None  # it is about the line that sets them

    def reset(self) -> None:
        """Begin anew, as if no client had come yet."""
        self._first.reset()

    def assert_all_played(self) -> None:
        """Raise AssertionError, which lists the exchanges that no client has got."""
        self._first.assert_all_played()

    def untold_misses(self) -> str:
        """What was missed, and that is not allowed, since this was called last; for a person to read."""
        return explain([miss for reel in self._watched for miss in reel.untold_misses()])

    @property
    def _first(self) -> Reel:
        if not self._reels:
            raise UsageError(
                'nothing is played: mark the test with @pytest.mark.chatreel("conversation.jsonl"), or call'
                ' chatreel.replay("conversation.jsonl")'
            )
        return self._reels[0]
