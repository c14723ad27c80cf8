"""Several cassettes as one sequence of exchanges, in the order in which they were given."""

from __future__ import annotations

import contextlib
import datetime as dt
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Self

from cassettes.file.reader import Cassette, Look
from cassettes.model import Exchange, Request, Response
from cassettes.tokens.discovery import tokens
from cassettes.tokens.finder import TokenFinder
from cassettes.tokens.sessions import RequestTokens, Sessions, find_sessions
from foundation.http.headers import Headers

MOST_FINDERS = 1024
"""Recorded sessions whose tokens are kept at hand."""

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Recordings:
    """The exchanges of open cassettes, numbered through from 0; reading one can raise CassetteError."""

    def __init__(self, cassettes: Sequence[Cassette], sessions: Sequence[Sessions]) -> None:
        self._cassettes = cassettes
        self._ends = list(accumulate(len(cassette) for cassette in cassettes))
        self._sessions = sessions
        self._session_ends = list(accumulate(len(found) for found in sessions))
        self._finders: OrderedDict[int, TokenFinder] = OrderedDict()

    @classmethod
    @contextlib.contextmanager
    def open(cls, paths: Sequence[Path], look: Look) -> Iterator[Self]:
        """Open cassettes while the context lasts; `look` is shown every request. Raises CassetteError."""
        with contextlib.ExitStack() as stack:
            cassettes, sessions = [], []
            for path in paths:
                cassette, request_tokens = open_cassette(path, look)
                cassettes.append(stack.enter_context(cassette))
                sessions.append(find_sessions(cassette, request_tokens))
            yield cls(cassettes, sessions)

    @property
    def warnings(self) -> list[str]:
        """What a person should be told of the cassettes."""
        return [warning for cassette in self._cassettes for warning in cassette.warnings]

    @property
    def upstreams(self) -> list[str]:
        """The origin that each recording was made of, empty where it does not say."""
        return [header.upstream for cassette in self._cassettes for header in cassette.headers]

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def request(self, number: int) -> Request:
        """The request of an exchange."""
        cassette, own = self._locate(number)
        return cassette.request(own)

    def response(self, number: int) -> Response | None:
        """The head of the response of an exchange, when there is one."""
        cassette, own = self._locate(number)
        return cassette.response(own)

    def exchange(self, number: int) -> Exchange:
        """An exchange, whole."""
        cassette, own = self._locate(number)
        return cassette.exchange(own)

    def place(self, number: int) -> tuple[Path, int]:
        """The cassette that an exchange is in, and its number there."""
        cassette, own = self._locate(number)
        return cassette.path, own

    def recorded_at(self, number: int) -> dt.datetime:
        """When an exchange was recorded; the epoch where its recording does not say."""
        cassette, own = self._locate(number)
        try:
            created = dt.datetime.fromisoformat(cassette.header(own).created)
        except ValueError:
            return EPOCH
        created = created if created.tzinfo else created.replace(tzinfo=dt.UTC)
        return created + dt.timedelta(microseconds=cassette.request(own).at)

    def session_of(self, number: int) -> int:
        """The recorded session of an exchange; sessions are numbered through from 0 as well."""
        which, own = place_of(number, self._ends)
        return self._sessions[which].of[own] + begin(self._session_ends, which)

    def session(self, session: int) -> list[int]:
        """The exchanges of a recorded session, in their order."""
        which, own = place_of(session, self._session_ends)
        first = begin(self._ends, which)
        return [first + number for number in self._sessions[which].exchanges(own)]

    def finder(self, session: int) -> TokenFinder:
        """Finds the tokens of a recorded session."""
        finder = self._finders.get(session)
        if finder is None:
            which, _ = place_of(session, self._session_ends)
            public = self._sessions[which].public
            found = tokens([self.exchange(number) for number in self.session(session)], public)
            finder = self._finders[session] = TokenFinder(value for token in found for value in token.values)
            if len(self._finders) > MOST_FINDERS:
                self._finders.popitem(last=False)
        return finder

    def _locate(self, number: int) -> tuple[Cassette, int]:
        which, own = place_of(number, self._ends)
        return self._cassettes[which], own


def open_cassette(path: Path, look: Look) -> tuple[Cassette, RequestTokens]:
    """An open cassette, and what its requests send that can be a token."""
    request_tokens = RequestTokens()

    def look_both(method: str, url: str, headers: Headers, body: bytes) -> None:
        look(method, url, headers, body)
        request_tokens.add(url, headers, body)

    return Cassette.open(path, look_both), request_tokens


def place_of(number: int, ends: Sequence[int]) -> tuple[int, int]:
    """Which part of a sequence that is numbered through a number falls in, and its number there."""
    which = bisect_right(ends, number)
    return which, number - begin(ends, which)


def begin(ends: Sequence[int], which: int) -> int:
    """The first number of a part."""
    return ends[which - 1] if which else 0
