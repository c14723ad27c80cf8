"""The object that the fixture `chatreel` gives: everything that one test replays or records."""

from __future__ import annotations

import dataclasses
import itertools
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from operator import methodcaller
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from chatreel.testing.fixture_errors import ChatreelError
from chatreel.testing.journal_records import ClientSession, JournalEntry
from chatreel.testing.recorders import Recorders
from chatreel.testing.remote_chatbots import Recording, Reel, Replay
from chatreel.testing.server_process import TestServer, server

# A traceback of what is wrong in a test ends in the test.
__tracebackhide__ = methodcaller("errisinstance", (ChatreelError, AssertionError))


NUMBERS = itertools.count()
"""A number for each test of this process that uses the fixture."""


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
        self._test = next(NUMBERS)
        self._server: TestServer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and not self._server.interrupted:
            self._server.request("end-test", test=self._test, passed=self.passed)

    def replay(self, *cassettes: str | Path, **options: Any) -> Reel:
        """Play cassettes; or record one of the live chatbot, when the test run is to.

        A cassette is a path, relative to the test's folder or else to the root of the tests, or the name of a
        sample. The options are `upstream`, the url of the live chatbot, `allow_misses`, and those of the command
        `chatreel replay`, where `speed` is "max" by default; what is not given is as in the markers. Raises
        ChatreelError.
        """
        try:
            return self._start(cassettes, options)
        except ChatreelError as error:
            raise error.with_traceback(None) from None  # it is about the line that calls this one

    def _start(self, cassettes: Sequence[str | Path], options: Mapping[str, Any]) -> Reel:
        if not cassettes:
            raise ChatreelError('name a cassette, as in chatreel.replay("conversation.jsonl")')
        self._server = self._server or server()
        opened = self._server.request(
            "start",
            test=self._test,
            recorders=dataclasses.asdict(self._recorders),
            cassettes=cassettes,
            options={**self._options, **options},
            folders=self._folders,
            import_path=sys.path,
            working_directory=os.getcwd(),  # noqa: PTH109 - a string
        )
        kind = Recording if opened["recorded"] else Replay
        reel = kind(self._server, self._test, len(self._reels), opened["url"])
        self._reels.append(reel)
        return reel

    @property
    def url(self) -> str:
        """Where clients send their requests: scheme, host and port."""
        return self._first.url

    @property
    def journal(self) -> list[JournalEntry]:
        """The latest requests of clients and what became of them, oldest first."""
        return self._first.journal

    @property
    def misses(self) -> list[JournalEntry]:
        """Of these, what is not in the cassettes."""
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

    def explain_new_misses(self) -> str:
        """Return the misses that are not allowed, since this was called last, for a person to read."""
        if self._server is None or self._server.interrupted:
            return ""
        text: str = self._server.request("explain-misses", test=self._test)
        return text

    @property
    def _first(self) -> Reel:
        if not self._reels:
            raise ChatreelError(
                'nothing is played: mark the test with @pytest.mark.chatreel("conversation.jsonl"), or call'
                ' chatreel.replay("conversation.jsonl")'
            )
        return self._reels[0]
