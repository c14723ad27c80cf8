"""Several cassettes as one sequence of exchanges, in the order in which they were given."""

from __future__ import annotations

import contextlib
import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple, Self

import msgspec
from cachetools import LRUCache

from cassettes.file.reader import Cassette, LinePlace, Look
from cassettes.file.saved_index import SavedIndex
from cassettes.model import CassetteExchange, Exchange, Request, Response
from cassettes.tokens.discovery import tokens
from cassettes.tokens.finder import TokenFinder
from cassettes.tokens.sessions import RequestTokens, Sessions, find_sessions
from cassettes.views.job_states import JobState, state
from cassettes.views.jobs import find_jobs
from foundation.http.headers import Headers
from replayer.exchange_number import ExchangeId, RecordedSession, ReplayExchange, ShownExchange
from replayer.selection.sent_cookies import SentCookies

MOST_FINDERS = 1024
"""Recorded sessions whose tokens, and whose jobs, are kept at hand."""

LARGE_SESSION = 256 << 10
"""Bytes of a recorded session whose tokens are found when the file is opened, not when they are needed first."""

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class RecordedJob(NamedTuple):
    """The job of an exchange: the exchange that issued it, None where none was seen to, and whether this one polls."""

    issued: ReplayExchange | None
    is_poll: bool


class Recordings:
    """The exchanges and recorded sessions of open cassettes, each counted through all of them from 0.

    Every method that reads an exchange can raise CassetteError.
    """

    def __init__(
        self, cassettes: Sequence[Cassette], sessions: Sequence[Sessions], cookies: Sequence[SentCookies]
    ) -> None:
        self._cassettes = cassettes
        self._cookies = cookies
        self._ends = list(accumulate(len(cassette) for cassette in cassettes))
        self._sessions = sessions
        self._session_ends = list(accumulate(len(found) for found in sessions))
        self._jobs: LRUCache[RecordedSession, Mapping[ReplayExchange, RecordedJob]] = LRUCache(MOST_FINDERS)
        self._finders: LRUCache[RecordedSession, TokenFinder] = LRUCache(MOST_FINDERS)
        # Those that would take long to find while requests wait.
        self._tokens_of_large = {
            RecordedSession(session): self._tokens(RecordedSession(session))
            for session in range(self._session_ends[-1] if sessions else 0)
            if sum(map(self.size, self.session(RecordedSession(session)))) > LARGE_SESSION
        }

    @classmethod
    @contextlib.contextmanager
    def open(cls, paths: Sequence[Path], look: Look) -> Iterator[Self]:
        """Open cassettes while the context lasts; `look` is called with every request. Raises CassetteError."""
        with contextlib.ExitStack() as stack:
            cassettes, sessions, cookies = [], [], []
            for path in paths:
                cassette, request_tokens, sent_cookies = open_cassette(path, look)
                cassettes.append(stack.enter_context(cassette))
                sessions.append(find_sessions(cassette, request_tokens))
                cookies.append(sent_cookies)
            yield cls(cassettes, sessions, cookies)

    @classmethod
    @contextlib.contextmanager
    def restored(cls, path: Path, saved: SavedIndex) -> Iterator[Self | None]:
        """Open a cassette by its saved index while the context lasts; None when that lacks something.

        Raises CassetteError.
        """
        sessions, cookies = Sessions.restored(saved), SentCookies.restored(saved)
        if sessions is None or cookies is None:
            yield None
            return
        with Cassette.open(path, saved=saved) as cassette:
            fits = len(cassette) == len(sessions.of) == len(cookies)
            yield cls([cassette], [sessions], [cookies]) if fits else None

    def save(self) -> dict[str, msgspec.Struct]:
        """The sections of the saved index of the one cassette, by their names."""
        [cassette], [sessions], [cookies] = self._cassettes, self._sessions, self._cookies
        return {**cassette.save(), **sessions.save(), **cookies.save()}

    @property
    def warnings(self) -> list[str]:
        """What a person should know about the cassettes, a line each."""
        return [warning for cassette in self._cassettes for warning in cassette.warnings]

    @property
    def upstreams(self) -> list[str]:
        """The recorded origin of each recording, empty where it does not name one."""
        return [header.upstream for cassette in self._cassettes for header in cassette.headers]

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def request(self, number: ReplayExchange) -> Request:
        """The request of an exchange."""
        cassette, own = self._locate(number)
        return cassette.request(own)

    def response(self, number: ReplayExchange) -> Response | None:
        """The head of the response of an exchange, None without one."""
        cassette, own = self._locate(number)
        return cassette.response(own)

    def exchange(self, number: ReplayExchange) -> Exchange:
        """A whole exchange."""
        cassette, own = self._locate(number)
        return cassette.exchange(own)

    def size(self, number: ReplayExchange) -> int:
        """The bytes of an exchange in its file: what reading it costs."""
        cassette, own = self._locate(number)
        return cassette.size_of(own)

    def places(self, number: ReplayExchange) -> list[LinePlace]:
        """Where the lines of an exchange are."""
        cassette, own = self._locate(number)
        return cassette.places(own)

    def request_place(self, number: ReplayExchange) -> LinePlace:
        """Where the line of an exchange's request is."""
        cassette, own = self._locate(number)
        return cassette.request_place(own)

    @property
    def descriptors(self) -> list[int]:
        """The descriptors of the open files, for a process that inherits them."""
        return [cassette.descriptor for cassette in self._cassettes]

    def cookies(self, number: ReplayExchange) -> Sequence[int]:
        """The digests of the cookies that the request of an exchange sent."""
        which, own = place_of(number, self._ends)
        return self._cookies[which].of(own)

    def path(self, number: ReplayExchange) -> Path:
        """The file that an exchange is in."""
        return self._locate(number)[0].path

    def id(self, number: ReplayExchange) -> ExchangeId:
        """The file that an exchange is in and its number there, as people write it."""
        which, own = place_of(number, self._ends)
        return ExchangeId(CassetteExchange(own), which)

    def shown(self, number: ReplayExchange) -> ShownExchange:
        """The id of an exchange as a person reads it: the file is left out where there is one only."""
        return self.id(number).shown(several=len(self._cassettes) > 1)

    def recorded_at(self, number: ReplayExchange) -> dt.datetime:
        """When an exchange was recorded; the epoch where its recording does not say."""
        return self.time_at(number, self.request(number).at)

    def time_at(self, number: ReplayExchange, at: int) -> dt.datetime:
        """The time of day of `at`, in microseconds of an exchange's recording; the epoch where that does not say."""
        cassette, own = self._locate(number)
        try:
            created = dt.datetime.fromisoformat(cassette.header(own).created)
        except ValueError:
            return EPOCH
        created = created if created.tzinfo else created.replace(tzinfo=dt.UTC)
        return created + dt.timedelta(microseconds=at)

    def session_of(self, number: ReplayExchange) -> RecordedSession:
        """The recorded session that an exchange is in."""
        which, own = place_of(number, self._ends)
        return RecordedSession(self._sessions[which].of[own] + begin(self._session_ends, which))

    def session(self, session: RecordedSession) -> list[ReplayExchange]:
        """The exchanges of a recorded session, in their order."""
        which, own = place_of(session, self._session_ends)
        first = begin(self._ends, which)
        return [ReplayExchange(first + number) for number in self._sessions[which].exchanges(own)]

    def first_of(self, session: RecordedSession) -> ReplayExchange:
        """The exchange that a recorded session begins with."""
        which, own = place_of(session, self._session_ends)
        return ReplayExchange(begin(self._ends, which) + self._sessions[which].first(own))

    def size_of(self, session: RecordedSession) -> int:
        """The number of exchanges of a recorded session."""
        which, own = place_of(session, self._session_ends)
        return self._sessions[which].size(own)

    def finder(self, session: RecordedSession) -> TokenFinder:
        """What finds the tokens of a recorded session; made when it is needed first, and kept at hand."""
        finder = self._finders.get(session)
        if finder is None:
            values = self._tokens_of_large.get(session)
            finder = TokenFinder(self._tokens(session) if values is None else values)
            self._finders[session] = finder
        return finder

    def jobs(self, session: RecordedSession) -> Mapping[ReplayExchange, RecordedJob]:
        """The jobs of a recorded session by each of their exchanges; found when they are needed first, and kept."""
        jobs = self._jobs.get(session)
        if jobs is None:
            members = self.session(session)
            offset = members[0] - self.exchange(members[0]).number
            jobs = self._jobs[session] = {
                ReplayExchange(number + offset): RecordedJob(
                    None if job.issued is None else ReplayExchange(job.issued + offset), number != job.issued
                )
                for job in find_jobs(map(self.exchange, members))
                for number in (job.first, *job.polls)
            }
        return jobs

    def job_state(self, number: ReplayExchange) -> JobState | None:
        """The state of the job that an exchange polls; None for one that polls none."""
        job = self.jobs(self.session_of(number)).get(number)
        return state(self.exchange(number)) if job is not None and job.is_poll else None

    def _tokens(self, session: RecordedSession) -> tuple[str, ...]:
        """The values of the tokens of a recorded session."""
        which, _ = place_of(session, self._session_ends)
        found = tokens(map(self.exchange, self.session(session)), self._sessions[which].public)
        return tuple(value for token in found for value in token.values)

    def _locate(self, number: ReplayExchange) -> tuple[Cassette, CassetteExchange]:
        which, own = place_of(number, self._ends)
        return self._cassettes[which], CassetteExchange(own)


def open_cassette(path: Path, look: Look) -> tuple[Cassette, RequestTokens, SentCookies]:
    """Open a cassette, `look` at its requests, and collect what they send that can be a token, and their cookies."""
    request_tokens, cookies = RequestTokens(), SentCookies()

    def look_at_all(method: str, url: str, headers: Headers, body: bytes) -> None:
        look(method, url, headers, body)
        request_tokens.add(url, headers, body)
        cookies.add(headers)

    return Cassette.open(path, look_at_all), request_tokens, cookies


def place_of(number: int, ends: Sequence[int]) -> tuple[int, int]:
    """The part that a number counted through several parts falls in, and the number within that part.

    `ends` has the number after the last one of each part: with parts of 3 and 20, [3, 23], 5 is (1, 2).
    """
    which = bisect_right(ends, number)
    return which, number - begin(ends, which)


def begin(ends: Sequence[int], which: int) -> int:
    """The first number of a part, counted through all of them."""
    return ends[which - 1] if which else 0
