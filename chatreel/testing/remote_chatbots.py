"""A chatbot for a test, which the test server runs: one that is played, or a live one that is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chatreel.testing.journal_records import ClientSession, JournalEntry
from chatreel.testing.server_process import TestServer


class RemoteChatbot:
    """A chatbot that the test server runs; `url` is where clients send their requests.

    Each property is a request to the test server, so it returns what holds now, as a copy.
    """

    def __init__(self, server: TestServer, test: int, number: int, url: str) -> None:
        self.url = url
        self._server = server
        self._place = {"test": test, "chatbot": number}

    @property
    def journal(self) -> list[JournalEntry]:
        """The latest requests of clients and what became of them, oldest first."""
        return [JournalEntry.from_json(entry) for entry in self._read("journal")]

    @property
    def misses(self) -> list[JournalEntry]:
        """Of these, what is not in the cassettes."""
        return [JournalEntry.from_json(entry) for entry in self._read("misses")]

    @property
    def sessions(self) -> list[ClientSession]:
        """The clients, with the tokens that each was given."""
        return [ClientSession(**session) for session in self._read("sessions")]

    @property
    def faults(self) -> list[str]:
        """The faults that hold. Others can be set at any time: they begin to count anew, for later requests."""
        lines: list[str] = self._read("faults")
        return lines

    @faults.setter
    def faults(self, faults: Iterable[str]) -> None:
        lines = [faults] if isinstance(faults, str) else list(faults)
        self._server.request("set-faults", **self._place, faults=lines)

    def reset(self) -> None:
        """Begin anew, as if no client had come yet."""
        self._server.request("reset", **self._place)

    def assert_all_played(self) -> None:
        """Raise AssertionError, which lists the exchanges that no client has got."""
        __tracebackhide__ = True
        if missing := self._read("unplayed"):
            raise AssertionError(missing)

    def _read(self, what: str) -> Any:
        return self._server.request("read", **self._place, what=what)


class Replay(RemoteChatbot):
    """A replay of cassettes."""


class Recording(RemoteChatbot):
    """A live chatbot behind a recording proxy, whose `url` is the proxy's.

    It has the members of a replay, so that the same test runs on both: nothing is played, so nothing is missed.
    """


type Reel = Replay | Recording
"""A chatbot for a test. Both have the same members."""
