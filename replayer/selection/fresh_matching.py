"""Finds the recorded request that one matches but for values that are fresh by nature, where none matches exactly.

A value that is fresh by its looks alone is compared where recorded requests differ in nothing else: then it says which
of them is meant. Of several recorded requests that are left, the client gets the first one that it was not given yet:

    recorded  GET /docs/UUID-1, GET /docs/UUID-2             live  GET /docs/UUID-3     a miss
    recorded  POST /mcp {"id": 1, "method": "tools/list"}    live  {"id": 7, ...}       the first
              POST /mcp {"id": 5, "method": "tools/list"}    live  {"id": 9, ...}       the second, and again that
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cachetools import LRUCache

from cassettes.model import Request
from replayer.exchange_number import ReplayExchange
from replayer.matching.fresh_values import FreshValue, fresh_values
from replayer.matching.index import MatchIndex
from replayer.selection.client_sessions import ClientSession
from replayer.selection.recordings import Recordings

MOST_TURNS = 10_000
"""Requests without a client session whose turns are remembered."""


class FreshMatch(NamedTuple):
    """A recorded request, its first exchange, and the values that were taken for equal."""

    exchange: ReplayExchange
    recorded: Request
    values: tuple[FreshValue, ...]


class FreshMatcher:
    """Finds such requests in recordings. Its methods can raise CassetteError."""

    def __init__(self, recordings: Recordings, index: MatchIndex) -> None:
        self._recordings = recordings
        self._index = index
        self._turns: LRUCache[ReplayExchange, int] = LRUCache(MOST_TURNS)

    def clear(self) -> None:
        """Begin anew, as if no client had come yet."""
        self._turns.clear()

    def find(self, request: Request, session: ClientSession | None) -> FreshMatch | None:
        """Return the recorded request that is due for a request of a client session, None for a new client's."""
        candidates = ((number, self._recordings.request(number)) for number in self._index.alike(request))
        alike = [
            FreshMatch(number, recorded, values)
            for number, recorded in candidates
            if (values := self._values(request, recorded, number)) is not None
        ]
        fitting = self._without_compared(alike)
        return self._due(fitting, session) if fitting else None

    def _values(
        self, request: Request, recorded: Request, number: ReplayExchange
    ) -> tuple[FreshValue, ...] | None:
        tokens = self._recordings.finder(self._recordings.session_of(number)).values
        return fresh_values(self._index.match, request, recorded, tokens)

    def _without_compared(self, alike: Sequence[FreshMatch]) -> list[FreshMatch]:
        """Return those that differ in no value by which recorded requests are told apart."""
        told_apart: set[str] = set()
        for other in alike[1:]:
            values = fresh_values(self._index.match, other.recorded, alike[0].recorded, ())
            told_apart.update(value.what for value in values or () if not value.says_nothing)
        return [
            one
            for one in alike
            if not any(value.what in told_apart and not value.says_nothing for value in one.values)
        ]

    def _due(self, fitting: Sequence[FreshMatch], session: ClientSession | None) -> FreshMatch:
        """Return the first that the client was not given yet, in the recorded sessions that it plays before others."""
        if session is None:
            first = fitting[0].exchange
            turn = self._turns.get(first, 0)
            self._turns[first] = turn + 1
            return fitting[min(turn, len(fitting) - 1)]
        ordered = sorted(fitting, key=lambda one: not self._is_bound(one, session))
        return next((one for one in ordered if not self._was_given(one, session)), ordered[-1])

    def _is_bound(self, one: FreshMatch, session: ClientSession) -> bool:
        return self._recordings.session_of(one.exchange) in session.bound

    def _was_given(self, one: FreshMatch, session: ClientSession) -> bool:
        return any(number in session.served for number in self._index.find(self._index.key(one.recorded)))
