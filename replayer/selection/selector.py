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

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Literal

import msgspec
from cachetools import LRUCache

from cassettes.model import Request
from cassettes.tokens.places import sent_values
from foundation.digests import digest
from foundation.http.cookies import cookies_sent
from foundation.http.headers import Headers
from replayer.exchange_number import RecordedSession, ReplayExchange
from replayer.matching.fresh_values import FreshValue
from replayer.matching.index import MatchIndex
from replayer.selection.answers_due import AnswersDue, AnswersOfSession
from replayer.selection.client_sessions import ClientSession, ClientSessions
from replayer.selection.fresh_matching import FreshMatcher
from replayer.selection.recordings import Recordings
from replayer.selection.resuming import Resume, Resumption, last_event_id, resumption
from replayer.selection.token_translation import translated

ANSWERS_KEPT = 10_000
"""Pairs of a recorded session and a request whose answers are kept at hand."""

type AfterLast = Literal["repeat", "loop", "miss"]
type Polls = Literal["by-count", "by-time"]


class SelectionRules(msgspec.Struct, frozen=True, kw_only=True):
    """What happens after the last recorded response, and how polls move on.

    With polls by time, a repeated request gets the latest response that the recorded client had got after as
    much time. `answer_lost` says whether a client that lost its session's cookies gets a response from the
    recording all the same; if not, it does not use up a turn. `resume` is what happens to a client that reconnects to
    an event stream.
    """

    after_last: AfterLast = "repeat"
    polls: Polls = "by-count"
    answer_lost: bool = True
    resume: Resume = "on"


class Openings(msgspec.Struct, frozen=True):
    """The recorded sessions that a request can bind, whether they begin with it, and whether clients share them."""

    sessions: list[RecordedSession]
    begin: bool
    shared: bool


class Recognised(msgspec.Struct, frozen=True):
    """A request as the recorded client would have sent it, its client session, None for a new client, and its key.

    The key is its fingerprint in the index; the cookies are those that the client sent. `fresh` are the values in which
    the request as it was sent differs from the recorded one, and which count as equal.
    """

    request: Request
    session: ClientSession | None
    key: bytes
    headers: Headers
    fresh: tuple[FreshValue, ...] = ()


class Selection(msgspec.Struct, frozen=True):
    """An exchange to play, in a client session.

    `again` says that the turns went beyond the last recorded response, `lost` that the recorded request had its
    session's cookies and this one has none of them. `fresh` is as in Recognised.
    `after` is the id of the event after which an event stream goes on, empty for all of it; `is_over` says that it is
    to be told that nothing is left.
    """

    exchange: ReplayExchange
    session: ClientSession
    again: bool = False
    lost: bool = False
    fresh: tuple[FreshValue, ...] = ()
    after: str = ""
    is_over: bool = False


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
        self._answers: LRUCache[tuple[RecordedSession, bytes], AnswersOfSession] = LRUCache(ANSWERS_KEPT)
        self._fresh = FreshMatcher(recordings, index)
        self._openings: dict[bytes, Openings] = {}
        self._next_opening: dict[bytes, int] = {}

    def clear(self) -> None:
        """Begin anew, as if no client had come yet."""
        self._sessions.clear()
        self._fresh.clear()
        self._next_opening.clear()

    def choose(self, recognised: Recognised, now: int) -> Selection | None:
        """Select the exchange for a request that came at `now`, in microseconds; None for a miss."""
        key = recognised.key
        found = self._index.find(key)
        if not found:
            return None
        session = recognised.session or self._sessions.open(now)
        self._sessions.touch(session, now)
        last_id = last_event_id(recognised.headers)
        if last_id and self._rules.resume != "off":
            resumed = resumption(self._recordings, found, recognised.session, last_id)
            if resumed is not None:
                return self._resumed(resumed, recognised, session, now)
        self._bind_for(session, key, found)
        known = any(cookie.value in session.recorded for cookie in cookies_sent(recognised.headers))
        selection = self._take(session, key, now, known=known)
        if selection is None or not recognised.fresh:
            return selection
        return msgspec.structs.replace(selection, fresh=recognised.fresh)

    def _resumed(
        self, resumed: Resumption, recognised: Recognised, session: ClientSession, now: int
    ) -> Selection:
        """The selection of a stream that goes on, which uses up no turn."""
        recorded = self._recordings.session_of(resumed.exchange)
        session.bind(recorded)
        session.play(resumed.exchange, recorded, now)
        return Selection(
            resumed.exchange,
            session,
            fresh=recognised.fresh,
            after=resumed.after,
            is_over=resumed.is_over and self._rules.resume == "204",
        )

    def in_another_session(self, number: ReplayExchange) -> ReplayExchange:
        """See the function `in_another_session`."""
        return in_another_session(self._recordings, self._index, number)

    def recognise(self, request: Request) -> Recognised:
        """Find the client session of a request, and the request as the recorded client would have sent it."""
        owners = self._sessions.owners(sent_values(request))
        candidates: list[tuple[Request, ClientSession | None]]
        candidates = [(translated(request, owner), owner) for owner in owners]
        candidates.append((request, owners[0] if owners else None))
        nearest: Recognised | None = None
        for one, owner in candidates:
            recognised = Recognised(one, owner, self._index.key(one), request.headers)
            if self._index.find(recognised.key):
                return recognised
            nearest = nearest or recognised
        assert nearest is not None
        return self._but_for_fresh_values(candidates, request.headers) or nearest

    def _but_for_fresh_values(
        self, candidates: Sequence[tuple[Request, ClientSession | None]], headers: Headers
    ) -> Recognised | None:
        """The first that a recorded request matches but for fresh values, as that recorded request."""
        for one, owner in candidates:
            found = self._fresh.find(one, owner)
            if found is not None:
                key = self._index.key(found.recorded)
                return Recognised(found.recorded, owner, key, headers, found.values)
        return None

    def _answers_to(self, session: ClientSession, key: bytes) -> AnswersDue:
        """The answers to a request that are in the recorded sessions that a client session is bound to."""
        answers = session.answers.setdefault(key, AnswersDue())
        for recorded in session.binding_order[answers.bound :]:
            answers.add(self._answers_of(recorded, key))
        return answers

    def _answers_of(self, recorded: RecordedSession, key: bytes) -> AnswersOfSession:
        """The exchanges of a recorded session that have a request."""
        kept = self._answers.get((recorded, key))
        if kept is None:
            kept = self._answers[recorded, key] = self._find_answers(recorded, key)
        return kept

    def _find_answers(self, recorded: RecordedSession, key: bytes) -> AnswersOfSession:
        found, own = self._index.find(key), self._recordings.session(recorded)
        smaller, larger = sorted((found, own), key=len)
        split: tuple[list[ReplayExchange], list[ReplayExchange]] = ([], [])
        tokens = {digest(value) for value in self._recordings.finder(recorded).values}
        for number in smaller:
            if contains(larger, number):
                split[not tokens.isdisjoint(self._recordings.cookies(number))].append(number)
        return AnswersOfSession(with_cookies=tuple(split[True]), without=tuple(split[False]))

    def _bind_for(self, session: ClientSession, key: bytes, found: Sequence[ReplayExchange]) -> None:
        """Bind one more recorded session, if there is one, once a request has had all its responses."""
        responses = self._answers_to(session, key).all
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
                session.bind(openings.sessions[place])
            return
        if key in session.all_bound:
            return
        for after in range(turn, turn + count):
            if openings.sessions[after % count] not in session.bound:
                session.bind(openings.sessions[after % count])
                self._next_opening[key] = after + 1
                return
        session.all_bound.add(key)

    def _openings_for(self, found: Sequence[ReplayExchange]) -> Openings:
        """The recorded sessions that begin with one of these exchanges; if none does, those that hold one."""
        recordings = self._recordings
        holding = dict.fromkeys(map(recordings.session_of, found))
        beginning = [one for one in holding if contains(found, recordings.first_of(one))]
        sessions = beginning or list(holding)
        alone = recordings.size_of(sessions[0]) == 1
        return Openings(sessions, bool(beginning), shared=alone and not recordings.finder(sessions[0]).values)

    def _take(self, session: ClientSession, key: bytes, now: int, *, known: bool) -> Selection | None:
        """Take the response that is due; `known` says that the request has its session's cookies."""
        answers = self._answers_to(session, key)
        responses, fitting = answers.all, answers.fitting(with_cookies=known)
        if not responses:
            return None
        # A client that begins a recorded session cannot have its cookies yet.
        lost = not fitting and not known and not self._begins(responses[0])
        if lost and not self._rules.answer_lost:
            return Selection(responses[0], session, lost=True)
        choice = self._due(session, key, fitting or responses, now, with_cookies=known == bool(fitting))
        if choice is None:
            return None
        session.play(choice.exchange, self._recordings.session_of(choice.exchange), now)
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
        return self._recordings.first_of(self._recordings.session_of(number)) == number

    def _by_time(self, session: ClientSession, responses: Sequence[ReplayExchange], now: int) -> int:
        """The place of the response that the recorded client had got by now.

        The time is counted from when this session was given the latest exchange before the first of `responses`:
        with polls recorded 2, 4 and 6 s after the question, a poll 5 s after it gets the second one.
        """
        recordings = self._recordings
        served = session.bound[recordings.session_of(responses[0])]
        place = bisect_left(served, responses[0])
        if not place:
            return 0
        start = served[place - 1]
        elapsed = now - session.served[start]
        passed = recordings.request(start).at + (elapsed * self.speed if elapsed else 0)  # no 0 * infinity
        # Recorded requests are in the order of their times.
        due = bisect_right(responses, passed, key=lambda number: recordings.request(number).at)
        return max(0, due - 1)


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
