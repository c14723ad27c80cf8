"""Chooses the recorded exchange that answers a request, in its client's live session.

A request with a token of a live session belongs to it; any other opens one. Within the recorded sessions that
a live one is bound to, the n-th same request gets the n-th recorded answer. A request that is in none of them
binds one more: of those that begin with it each in its turn, else of those that hold it at all.

Where nothing tells clients apart, because a lone exchange issues no cookie, they all share its turns: then the
n-th same request gets the n-th recorded answer, whoever asks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Literal

import msgspec

from cassettes.model import Request, values
from cassettes.places import Place, cookies, sent
from cassettes.sessions import is_token_like
from replayer.index import MatchIndex
from replayer.live import LiveSession, LiveSessions
from replayer.minting import SPELLINGS
from replayer.recordings import Recordings

UNKNOWN = 2
"""Beside false and true, of what is found out when it is needed."""

type AfterLast = Literal["repeat", "loop", "miss"]
type Polls = Literal["by-count", "by-time"]


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What happens after the last recorded answer, and how polls move on.

    By time, a request that is repeated gets the latest answer that the recorded client had got by then.
    """

    after_last: AfterLast = "repeat"
    polls: Polls = "by-count"


class Openings(msgspec.Struct, frozen=True):
    """The recorded sessions that a request can bind, and whether its clients can be told apart."""

    sessions: list[int]
    shared: bool


class Choice(msgspec.Struct, frozen=True):
    """An exchange to play, in a live session.

    `again` says that it is played beyond the last recorded answer, `lost` that the recorded request had the
    session's cookies and this one has none of them.
    """

    exchange: int
    session: LiveSession
    again: bool = False
    lost: bool = False


class Caster:
    """Chooses, for all clients; `speed` is how much faster than recorded the time passes."""

    def __init__(
        self, recordings: Recordings, index: MatchIndex, live: LiveSessions, rules: Rules, speed: float
    ) -> None:
        self._recordings = recordings
        self._index = index
        self._live = live
        self._rules = rules
        self.speed = speed
        self._cookies = bytearray([UNKNOWN]) * len(recordings)
        self._openings: dict[bytes, Openings] = {}
        self._round: dict[bytes, int] = {}

    def clear(self) -> None:
        """Begin anew, as if no client had come yet."""
        self._live.clear()
        self._round.clear()

    def choose(self, request: Request, now: int) -> Choice | None:
        """The exchange that answers a request, None when there is none."""
        asked, session, places = self.recognise(request, now)
        key = self._index.key(asked)
        found = self._index.find(key)
        if not found:
            return None
        session = session or self._live.open(now)
        answers = self._within(session, found) or self._bind(session, key, found)
        if not answers:
            return None
        known = any(place.value in session.recorded for place in places if place.kind == "cookie")
        fitting = [number for number in answers if self._had_cookies(number) == known]
        choice = self._take(session, key, fitting or answers, now, known=known)
        if choice is None:
            return None
        session.served[choice.exchange] = now
        # What begins a recorded session is asked by clients that cannot have its cookies yet.
        opening = self._recordings.session(self._recordings.session_of(choice.exchange))[0]
        return msgspec.structs.replace(choice, lost=not fitting and not known and choice.exchange != opening)

    def recognise(self, request: Request, now: int) -> tuple[Request, LiveSession | None, list[Place]]:
        """The request as the recorded client would have sent it, its live session, and what it sends."""
        places = sorted(sent(request), key=lambda place: place.kind != "cookie")
        session = self._live.find((place.value for place in places), now)
        if session is not None:
            request = translated(request, session, places, headers=bool(self._index.match.headers))
        return request, session, places

    def _within(self, session: LiveSession, found: Sequence[int]) -> list[int]:
        """Which of these exchanges are in the recorded sessions that a live one is bound to."""
        own = (number for recorded in session.bound for number in self._recordings.session(recorded))
        return sorted(number for number in own if contains(found, number))

    def _bind(self, session: LiveSession, key: bytes, found: Sequence[int]) -> list[int]:
        """Bind one more recorded session, each in its turn."""
        openings = self._openings.get(key)
        if openings is None:
            openings = self._openings[key] = self._openings_for(found)
        turn = self._round.get(key, 0)
        self._round[key] = turn + 1
        after_last = self._rules.after_last if openings.shared else "loop"
        place = nth(turn, len(openings.sessions), after_last)
        if place is None:
            return []
        session.bound.append(openings.sessions[place])
        return self._within(session, found)

    def _openings_for(self, found: Sequence[int]) -> Openings:
        """The recorded sessions that begin with one of these exchanges; if none does, those that hold one."""
        recordings = self._recordings
        holding = dict.fromkeys(map(recordings.session_of, found))
        beginning = [one for one in holding if contains(found, recordings.session(one)[0])]
        sessions = beginning or list(holding)
        first, *more = recordings.session(sessions[0])
        response = recordings.exchange(first).response
        issues = response is not None and bool(values(response.headers, "set-cookie"))
        return Openings(sessions, shared=not more and not issues)

    def _had_cookies(self, number: int) -> bool:
        """Whether the recorded request carried cookies that can be a session's."""
        if self._cookies[number] == UNKNOWN:
            headers = self._recordings.request(number).headers
            self._cookies[number] = any(is_token_like(place.value) for place in cookies(headers))
        return bool(self._cookies[number])

    def _take(
        self, session: LiveSession, key: bytes, answers: Sequence[int], now: int, *, known: bool
    ) -> Choice | None:
        turn = session.turn(key, known=known)
        if self._rules.polls == "by-time" and len(answers) > 1:
            return Choice(answers[self._by_time(session, answers, now)], session)
        place = nth(turn, len(answers), self._rules.after_last)
        return None if place is None else Choice(answers[place], session, again=turn >= len(answers))

    def _by_time(self, session: LiveSession, answers: Sequence[int], now: int) -> int:
        """Which answer the recorded client had by this time since the exchange before the first of them."""
        recordings = self._recordings
        before = [number for number in session.served if number < answers[0]]
        if not before:
            return 0
        start = recordings.exchange(before[-1]).end.at
        passed = (now - session.served[before[-1]]) * self.speed
        due = [recordings.request(number).at - start for number in answers]
        return max(0, sum(at <= passed for at in due) - 1)


def nth(turn: int, count: int, after_last: AfterLast) -> int | None:
    """Which of `count` answers is due at a turn, both from 0."""
    if turn < count:
        return turn
    return {"repeat": count - 1, "loop": turn % count, "miss": None}[after_last]


def translated(
    request: Request, session: LiveSession, places: Sequence[Place], *, headers: bool = True
) -> Request:
    """The request with the session's own tokens as the recorded client would have sent them.

    Its headers, the cookies among them, only when they matter.
    """
    url, body = request.url, request.body
    own = request.headers
    for live in dict.fromkeys(place.value for place in places if headers or place.kind != "cookie"):
        recorded = session.recorded.get(live)
        if recorded is not None:
            for spell in SPELLINGS:
                url = url.replace(spell(live), spell(recorded))
                body = body.replace(spell(live).encode(), spell(recorded).encode())
            if headers:
                own = tuple((name, value.replace(live, recorded)) for name, value in own)
    return msgspec.structs.replace(request, url=url, headers=own, body=body)


def contains(ordered: Sequence[int], number: int) -> bool:
    """Whether a number is in an ordered sequence."""
    place = bisect_left(ordered, number)
    return place < len(ordered) and ordered[place] == number
