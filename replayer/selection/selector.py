"""Selects the recorded exchange that comes next for a request, in the session of its client.

1. Recognise the client: a request belongs to the client session that has one of its tokens, cookies first.
   Where the tokens lead to several sessions, it is the first one in which the request was recorded. A request
   without a known token opens a client session.
2. Take turns: within the recorded sessions that the client session is bound to, the n-th same request gets the
   n-th recorded response. Those whose recorded request had its session's cookies, or had not, as this one, come
   first.
3. Bind: a request that is in none of them binds one more recorded session, in turn one of those that begin with
   it, else one of those that hold it at all. So does a request that begins a recorded session once all
   responses to it were given.
4. `--after-last` decides what happens when no response is left.

A lone exchange that issues no token tells no clients apart. All clients share its turns then.

For example, two recorded sessions that both begin with POST /chat and go on with their own GET /jobs/ID:

    client A  POST /chat      opens client session 0, bound to recorded session 0: response 0 of it
    client B  POST /chat      opens client session 1, bound to recorded session 1: response 0 of it
    client A  GET /jobs/A     A's id is known: first recorded poll of recorded session 0
    client A  GET /jobs/A     the second one; after the last, what --after-last says
    client A  POST /chat      has had its response in recorded session 0: binds recorded session 1
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Literal

import msgspec

from cassettes.model import Request
from cassettes.tokens.places import sent
from foundation.http.cookies import cookies_sent
from replayer.exchange_number import RecordedSession, ReplayExchange
from replayer.matching.index import MatchIndex
from replayer.selection.client_sessions import ClientSession, ClientSessions
from replayer.selection.recordings import Recordings
from replayer.selection.token_translation import translated

UNKNOWN = 2
"""Whether a request had its session's cookies is 0, 1 or not looked up yet."""

type AfterLast = Literal["repeat", "loop", "miss"]
type Polls = Literal["by-count", "by-time"]


class SelectionRules(msgspec.Struct, frozen=True, kw_only=True):
    """What happens after the last recorded response, and how polls move on.

    With polls by time, a repeated request gets the latest response that the recorded client had got after as
    much time. `answer_lost` says whether a client that lost its session's cookies gets a response from the
    recording all the same; if not, it does not use up a turn.
    """

    after_last: AfterLast = "repeat"
    polls: Polls = "by-count"
    answer_lost: bool = True


class Openings(msgspec.Struct, frozen=True):
    """The recorded sessions that a request can bind, whether they begin with it, and whether clients share them."""

    sessions: list[RecordedSession]
    begin: bool
    shared: bool


class Recognised(msgspec.Struct, frozen=True):
    """A request as the recorded client would have sent it, and its client session, None for a new client."""

    request: Request
    session: ClientSession | None


class Selection(msgspec.Struct, frozen=True):
    """An exchange to play, in a client session.

    `again` says that the turns went beyond the last recorded response, `lost` that the recorded request had its
    session's cookies and this one has none of them.
    """

    exchange: ReplayExchange
    session: ClientSession
    again: bool = False
    lost: bool = False


class ExchangeSelector:
    """Selects exchanges for all clients; `speed` is how many times faster than recorded the time passes."""

    def __init__(
        self,
        recordings: Recordings,
        index: MatchIndex,
        sessions: ClientSessions,
        rules: SelectionRules,
        speed: float,
    ) -> None:
        self._recordings = recordings
        self._index = index
        self._sessions = sessions
        self._rules = rules
        self.speed = speed
        self._cookies = bytearray([UNKNOWN]) * len(recordings)
        self._openings: dict[bytes, Openings] = {}
        self._next_opening: dict[bytes, int] = {}

    def clear(self) -> None:
        """Begin anew, as if no client had come yet."""
        self._sessions.clear()
        self._next_opening.clear()

    def choose(self, request: Request, now: int) -> Selection | None:
        """Select the exchange for a request that came at `now`, in microseconds; None for a miss."""
        recognised = self.recognise(request)
        key = self._index.key(recognised.request)
        found = self._index.find(key)
        if not found:
            return None
        session = recognised.session or self._sessions.open(now)
        self._sessions.touch(session, now)
        self._bind_for(session, key, found)
        known = any(cookie.value in session.recorded for cookie in cookies_sent(request.headers))
        return self._take(session, key, self._within(session, found), now, known=known)

    def in_another_session(self, number: ReplayExchange) -> ReplayExchange:
        """See the function `in_another_session`."""
        return in_another_session(self._recordings, self._index, number)

    def recognise(self, request: Request) -> Recognised:
        """Find the client session of a request, and the request as the recorded client would have sent it."""
        owners = self._sessions.owners(place.value for place in sent(request))
        candidates = [Recognised(translated(request, owner), owner) for owner in owners]
        candidates.append(Recognised(request, owners[0] if owners else None))
        recorded = (one for one in candidates if self._index.find(self._index.key(one.request)))
        return next(recorded, candidates[0])

    def _within(self, session: ClientSession, found: Sequence[ReplayExchange]) -> list[ReplayExchange]:
        """Those of the exchanges `found` that are in the recorded sessions that a client session is bound to."""
        own = [self._recordings.session(recorded) for recorded in session.bound]
        if len(found) < sum(map(len, own)):
            return [number for number in found if self._recordings.session_of(number) in session.bound]
        return sorted(number for numbers in own for number in numbers if contains(found, number))

    def _bind_for(self, session: ClientSession, key: bytes, found: Sequence[ReplayExchange]) -> None:
        """Bind one more recorded session, if there is one, once a request has had all its responses."""
        responses = self._within(session, found)
        if session.requests[key] < len(responses):
            return
        openings = self._openings.get(key)
        if openings is None:
            openings = self._openings[key] = self._openings_for(found)
        if not responses or openings.begin:
            self._bind(session, key, openings)

    def _bind(self, session: ClientSession, key: bytes, openings: Openings) -> None:
        """Bind the recorded session whose turn it is, of those that the client session does not play yet."""
        turn, count = self._next_opening.get(key, 0), len(openings.sessions)
        if openings.shared:
            self._next_opening[key] = turn + 1
            place = nth(turn, count, self._rules.after_last)
            if place is not None:
                session.bound[openings.sessions[place]] = None
            return
        for after in range(turn, turn + count):
            if openings.sessions[after % count] not in session.bound:
                session.bound[openings.sessions[after % count]] = None
                self._next_opening[key] = after + 1
                return

    def _openings_for(self, found: Sequence[ReplayExchange]) -> Openings:
        """The recorded sessions that begin with one of these exchanges; if none does, those that hold one."""
        recordings = self._recordings
        holding = dict.fromkeys(map(recordings.session_of, found))
        beginning = [one for one in holding if contains(found, recordings.session(one)[0])]
        sessions = beginning or list(holding)
        alone = len(recordings.session(sessions[0])) == 1
        return Openings(sessions, bool(beginning), shared=alone and not recordings.finder(sessions[0]).values)

    def _take(
        self,
        session: ClientSession,
        key: bytes,
        responses: Sequence[ReplayExchange],
        now: int,
        *,
        known: bool,
    ) -> Selection | None:
        """Take the response that is due; `known` says that the request has its session's cookies."""
        if not responses:
            return None
        fitting = [number for number in responses if self._had_cookies(number) == known]
        # A client that begins a recorded session cannot have its cookies yet.
        lost = not fitting and not known and not self._begins(responses[0])
        if lost and not self._rules.answer_lost:
            return Selection(responses[0], session, lost=True)
        choice = self._due(session, key, fitting or responses, now, with_cookies=known == bool(fitting))
        if choice is None:
            return None
        session.served[choice.exchange] = now
        return msgspec.structs.replace(choice, lost=lost)

    def _due(
        self,
        session: ClientSession,
        key: bytes,
        responses: Sequence[ReplayExchange],
        now: int,
        *,
        with_cookies: bool,
    ) -> Selection | None:
        """The response whose turn it is, or whose time; None when `--after-last miss` leaves none."""
        turn = session.turn(key, with_cookies=with_cookies)
        if self._rules.polls == "by-time" and len(responses) > 1:
            return Selection(responses[self._by_time(session, responses, now)], session)
        place = nth(turn, len(responses), self._rules.after_last)
        if place is None:
            return None
        return Selection(responses[place], session, again=turn >= len(responses) or self._all_shared(key))

    def _all_shared(self, key: bytes) -> bool:
        """Whether the clients that share the turns of a request have had them all."""
        openings = self._openings.get(key)
        return (
            openings is not None
            and openings.shared
            and self._next_opening.get(key, 0) > len(openings.sessions)
        )

    def _begins(self, number: ReplayExchange) -> bool:
        """Whether an exchange is the first of its recorded session."""
        return self._recordings.session(self._recordings.session_of(number))[0] == number

    def _had_cookies(self, number: ReplayExchange) -> bool:
        """Whether the recorded request carried its session's cookies."""
        if self._cookies[number] == UNKNOWN:
            tokens = self._recordings.finder(self._recordings.session_of(number)).values
            headers = self._recordings.request(number).headers
            self._cookies[number] = any(cookie.value in tokens for cookie in cookies_sent(headers))
        return bool(self._cookies[number])

    def _by_time(self, session: ClientSession, responses: Sequence[ReplayExchange], now: int) -> int:
        """The place of the response that the recorded client had got by now.

        The time is counted from when this session was given the latest exchange before the first of `responses`:
        with polls recorded 2, 4 and 6 s after the question, a poll 5 s after it gets the second one.
        """
        recordings = self._recordings
        recorded = recordings.session_of(responses[0])
        before = [
            number
            for number in session.served
            if number < responses[0] and recordings.session_of(number) == recorded
        ]
        if not before:
            return 0
        start = max(before)
        passed = (now - session.served[start]) * self.speed
        due = [recordings.request(number).at - recordings.request(start).at for number in responses]
        return max(0, sum(at <= passed for at in due) - 1)


def nth(turn: int, count: int, after_last: AfterLast) -> int | None:
    """The place of the response for a turn, both from 0, of `count` responses; None for a miss."""
    if turn < count:
        return turn
    return {"repeat": count - 1, "loop": turn % count, "miss": None}[after_last]


def contains(ordered: Sequence[ReplayExchange], number: ReplayExchange) -> bool:
    """Whether a number is in an ordered sequence."""
    place = bisect_left(ordered, number)
    return place < len(ordered) and ordered[place] == number


def in_another_session(recordings: Recordings, index: MatchIndex, number: ReplayExchange) -> ReplayExchange:
    """The first exchange with the same request in another recorded session; `number` itself when there is none."""
    own = recordings.session_of(number)
    found = index.find(index.key(recordings.request(number)))
    return next((other for other in found if recordings.session_of(other) != own), number)
