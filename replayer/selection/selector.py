"""Chooses the recorded exchange that answers a request, in its client's live session.

1. Whose it is: a request belongs to the live session that one of its tokens belongs to, cookies before all
   else; where they lead to several, to the first in which it was recorded. Any other request opens a session.
2. Where it is: within the recorded sessions that a live one is bound to, the n-th same request gets the n-th
   recorded answer. Those whose request had its session's cookies, as this one has or has not, come first.
3. What is in none of them binds one more recorded session: of those that begin with it each in its turn,
   else of those that hold it at all. So does what begins a recorded session and has had all its answers.
4. `--after-last` applies when nothing of that is left.

Where nothing tells clients apart, because a lone exchange issues no token, they all share its turns: then the
n-th same request gets the n-th recorded answer, whoever asks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Literal

import msgspec

from cassettes.model import Request
from cassettes.tokens.places import sent
from foundation.http.cookies import cookies_sent
from replayer.matching.index import MatchIndex
from replayer.selection.client_sessions import ClientSession, ClientSessions
from replayer.selection.recordings import Recordings
from replayer.selection.token_translation import translated

UNKNOWN = 2
"""Beside false and true, of what is found out when it is needed."""

type AfterLast = Literal["repeat", "loop", "miss"]
type Polls = Literal["by-count", "by-time"]


class SelectionRules(msgspec.Struct, frozen=True, kw_only=True):
    """What happens after the last recorded answer, and how polls move on.

    By time, a request that is repeated gets the latest answer that the recorded client had got by then.
    `answer_lost` says whether a client that lost its session's cookies gets an answer all the same: if not,
    it keeps its place.
    """

    after_last: AfterLast = "repeat"
    polls: Polls = "by-count"
    answer_lost: bool = True


class Openings(msgspec.Struct, frozen=True):
    """The recorded sessions that a request can bind, whether they begin with it, and whether clients share them."""

    sessions: list[int]
    begin: bool
    shared: bool


class Recognised(msgspec.Struct, frozen=True):
    """A request as the recorded client would have sent it, and its live session, None for a new client."""

    request: Request
    session: ClientSession | None


class Selection(msgspec.Struct, frozen=True):
    """An exchange to play, in a live session.

    `again` says that it is played beyond the last recorded answer, `lost` that the recorded request had the
    session's cookies and this one has none of them.
    """

    exchange: int
    session: ClientSession
    again: bool = False
    lost: bool = False


class ExchangeSelector:
    """Chooses, for all clients; `speed` is how much faster than recorded the time passes."""

    def __init__(
        self,
        recordings: Recordings,
        index: MatchIndex,
        live: ClientSessions,
        rules: SelectionRules,
        speed: float,
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

    def choose(self, request: Request, now: int) -> Selection | None:
        """The exchange that answers a request, None when there is none."""
        asked = self.recognise(request)
        key = self._index.key(asked.request)
        found = self._index.find(key)
        if not found:
            return None
        session = asked.session or self._live.open(now)
        self._live.touch(session, now)
        self._bind_for(session, key, found)
        known = any(cookie.value in session.recorded for cookie in cookies_sent(request.headers))
        return self._take(session, key, self._within(session, found), now, known=known)

    def elsewhere(self, number: int) -> int:
        """The answer to the same request in another recorded session; the same one when there is none."""
        return elsewhere(self._recordings, self._index, number)

    def recognise(self, request: Request) -> Recognised:
        """Whose request this is, and how the recorded client would have sent it."""
        owners = self._live.owners(place.value for place in sent(request))
        asked = [Recognised(translated(request, owner), owner) for owner in owners]
        asked.append(Recognised(request, owners[0] if owners else None))
        recorded = (one for one in asked if self._index.find(self._index.key(one.request)))
        return next(recorded, asked[0])

    def _within(self, session: ClientSession, found: Sequence[int]) -> list[int]:
        """Which of these exchanges are in the recorded sessions that a live one is bound to."""
        own = [self._recordings.session(recorded) for recorded in session.bound]
        if len(found) < sum(map(len, own)):
            return [number for number in found if self._recordings.session_of(number) in session.bound]
        return sorted(number for numbers in own for number in numbers if contains(found, number))

    def _bind_for(self, session: ClientSession, key: bytes, found: Sequence[int]) -> None:
        """Bind one more recorded session, if there is one for a request that has had all its answers."""
        answers = self._within(session, found)
        if session.asked[key] < len(answers):
            return
        openings = self._openings.get(key)
        if openings is None:
            openings = self._openings[key] = self._openings_for(found)
        if not answers or openings.begin:
            self._bind(session, key, openings)

    def _bind(self, session: ClientSession, key: bytes, openings: Openings) -> None:
        turn, count = self._round.get(key, 0), len(openings.sessions)
        if openings.shared:
            self._round[key] = turn + 1
            place = nth(turn, count, self._rules.after_last)
            if place is not None:
                session.bound[openings.sessions[place]] = None
            return
        for after in range(turn, turn + count):
            if openings.sessions[after % count] not in session.bound:
                session.bound[openings.sessions[after % count]] = None
                self._round[key] = after + 1
                return

    def _openings_for(self, found: Sequence[int]) -> Openings:
        """The recorded sessions that begin with one of these exchanges; if none does, those that hold one."""
        recordings = self._recordings
        holding = dict.fromkeys(map(recordings.session_of, found))
        beginning = [one for one in holding if contains(found, recordings.session(one)[0])]
        sessions = beginning or list(holding)
        alone = len(recordings.session(sessions[0])) == 1
        return Openings(sessions, bool(beginning), shared=alone and not recordings.finder(sessions[0]).values)

    def _take(
        self, session: ClientSession, key: bytes, answers: Sequence[int], now: int, *, known: bool
    ) -> Selection | None:
        """The answer that is due; `known` says that the request has the session's cookies."""
        if not answers:
            return None
        fitting = [number for number in answers if self._had_cookies(number) == known]
        # What begins a recorded session is asked by clients that cannot have its cookies yet.
        lost = not fitting and not known and not self._begins(answers[0])
        if lost and not self._rules.answer_lost:
            return Selection(answers[0], session, lost=True)
        choice = self._due(session, key, fitting or answers, now, with_cookies=known == bool(fitting))
        if choice is None:
            return None
        session.served[choice.exchange] = now
        return msgspec.structs.replace(choice, lost=lost)

    def _due(
        self, session: ClientSession, key: bytes, answers: Sequence[int], now: int, *, with_cookies: bool
    ) -> Selection | None:
        turn = session.turn(key, with_cookies=with_cookies)
        if self._rules.polls == "by-time" and len(answers) > 1:
            return Selection(answers[self._by_time(session, answers, now)], session)
        place = nth(turn, len(answers), self._rules.after_last)
        if place is None:
            return None
        return Selection(answers[place], session, again=turn >= len(answers) or self._all_shared(key))

    def _all_shared(self, key: bytes) -> bool:
        """Whether the clients that share a request's turns have had them all."""
        openings = self._openings.get(key)
        return openings is not None and openings.shared and self._round.get(key, 0) > len(openings.sessions)

    def _begins(self, number: int) -> bool:
        """Whether an exchange is the first of its recorded session."""
        return self._recordings.session(self._recordings.session_of(number))[0] == number

    def _had_cookies(self, number: int) -> bool:
        """Whether the recorded request carried its session's cookies."""
        if self._cookies[number] == UNKNOWN:
            tokens = self._recordings.finder(self._recordings.session_of(number)).values
            headers = self._recordings.request(number).headers
            self._cookies[number] = any(cookie.value in tokens for cookie in cookies_sent(headers))
        return bool(self._cookies[number])

    def _by_time(self, session: ClientSession, answers: Sequence[int], now: int) -> int:
        """Which answer the recorded client had by this time, as it passes since an exchange before the first."""
        recordings = self._recordings
        recorded = recordings.session_of(answers[0])
        before = [
            number
            for number in session.served
            if number < answers[0] and recordings.session_of(number) == recorded
        ]
        if not before:
            return 0
        start = max(before)
        passed = (now - session.served[start]) * self.speed
        due = [recordings.request(number).at - recordings.request(start).at for number in answers]
        return max(0, sum(at <= passed for at in due) - 1)


def nth(turn: int, count: int, after_last: AfterLast) -> int | None:
    """Which of `count` answers is due at a turn, both from 0."""
    if turn < count:
        return turn
    return {"repeat": count - 1, "loop": turn % count, "miss": None}[after_last]


def contains(ordered: Sequence[int], number: int) -> bool:
    """Whether a number is in an ordered sequence."""
    place = bisect_left(ordered, number)
    return place < len(ordered) and ordered[place] == number


def elsewhere(recordings: Recordings, index: MatchIndex, number: int) -> int:
    """The answer to the same request in another recorded session; the same one when there is none."""
    mine = recordings.session_of(number)
    found = index.find(index.key(recordings.request(number)))
    return next((other for other in found if recordings.session_of(other) != mine), number)
