"""Reads a recording as conversations, one for each session; exchanges are read only while they are compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import overload

from cassettes import model
from cassettes.tokens.discovery import tokens
from cassettes.tokens.sessions import ExchangeSource, RequestTokens, Sessions, find_sessions
from comparison.conversation.token_correspondence import SessionTokens
from foundation.digests import Digest
from foundation.http.urls import ORIGIN


class Exchanges(Sequence[model.Exchange]):
    """A sequence of some exchanges of a source; each is read from it at every access and not kept."""

    def __init__(self, source: ExchangeSource, numbers: Sequence[int]) -> None:
        self._source = source
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, place: int) -> model.Exchange: ...
    @overload
    def __getitem__(self, place: slice) -> Exchanges: ...
    def __getitem__(self, place: int | slice) -> model.Exchange | Exchanges:
        if isinstance(place, slice):
            return Exchanges(self._source, self.numbers[place])
        return self._source.exchange(self.numbers[place])


class Conversation:
    """One session of a recording: its number, and its exchanges in order.

    `public` has the hashes of the values that are no token (see `cassettes.tokens.sessions`).
    """

    def __init__(
        self, number: int, exchanges: Sequence[model.Exchange], public: frozenset[Digest] = frozenset()
    ) -> None:
        self.number = number
        self.exchanges = exchanges
        self._public = public

    @cached_property
    def tokens(self) -> SessionTokens:
        """Returns the session's tokens and the origin of its first request, found at the first access."""
        found = tokens(self.exchanges, self._public)
        numbers = {value: number for number, token in enumerate(found) for value in token.values}
        origin = ORIGIN.match(self.exchanges[0].request.url) if self.exchanges else None
        return SessionTokens(numbers, origin[0] if origin else "")


class RecordedSessions:
    """The sessions of a recording. `source` is a cassette, or anything that has exchanges by number."""

    def __init__(self, source: ExchangeSource, sessions: Sessions) -> None:
        self._source = source
        self._sessions = sessions

    @classmethod
    def of(cls, source: ExchangeSource) -> RecordedSessions:
        """Reads the sessions of a source; raises CassetteError when it cannot be read."""
        request_tokens = RequestTokens()
        for number in range(len(source)):
            request = source.exchange(number).request
            request_tokens.add(request.url, request.headers, request.body)
        return cls(source, find_sessions(source, request_tokens))

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[Conversation]:
        return map(self.conversation, range(len(self)))

    def conversation(self, session: int) -> Conversation:
        """Returns a session, given by its number."""
        numbers = self._sessions.exchanges(session)
        return Conversation(session, Exchanges(self._source, numbers), self._sessions.public)
