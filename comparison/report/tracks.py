"""The moments of both sides of an exchange, or of a job, and which of them stand for each other.

Times are microseconds since the whole request; a job's moments are the states that its polls saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from cassettes import model
from cassettes.views import timeline
from cassettes.views.jobs import Job
from comparison.alignment.sequences import edits
from comparison.conversation.recorded_sessions import Conversation
from comparison.conversation.token_correspondence import Correspondence
from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.job_diff import seen_states, state_similarity, state_text
from comparison.exchange.stream_diff import StreamPair
from comparison.questions import Question, Questions, questions
from comparison.result import SessionComparison
from comparison.rules.comparison_rules import ComparisonRules

type Spot = tuple[int, int | str]
"""An exchange, and in it the place of an event, or "head" or "end"."""


class Point(msgspec.Struct, frozen=True):
    """Something that happened `at` a time."""

    at: int
    spot: Spot
    name: str


class Tracks(msgspec.Struct, frozen=True):
    """Both sides of one question, in order, and `links` between those that stand for each other."""

    request: str
    recorded: Sequence[Point]
    live: Sequence[Point]
    links: Sequence[tuple[Spot, Spot]]


def tracks(
    session: SessionComparison, recorded: Conversation, live: Conversation, rules: ComparisonRules
) -> Iterator[Tracks]:
    """The tracks of all that was asked and is not the same in a session; read again, an exchange at a time."""
    both = TrackPair(recorded, live, rules)
    touched = {one.at.exchange for one in session.differences}
    for ours, theirs in session.pairs:
        one, other = both.asked(ours, theirs)
        polls = one.job.polls if one.job else []
        if not touched.isdisjoint({ours, *polls}):
            if one.job is not None and other.job is not None:
                yield both.of_job(one, one.job, other, other.job)
            else:
                yield both.of_exchange(one, other)


class TrackPair:
    """A recorded and a live conversation."""

    def __init__(self, recorded: Conversation, live: Conversation, rules: ComparisonRules) -> None:
        self._recorded, self._live, self._rules = recorded, live, rules
        self._ours, self._theirs = questions(recorded, rules), questions(live, rules)

    def asked(self, recorded: int, live: int) -> tuple[Question, Question]:
        """What two exchanges ask."""
        return by_exchange(self._ours, recorded), by_exchange(self._theirs, live)

    def of_exchange(self, one: Question, other: Question) -> Tracks:
        """The events of two streams, or the heads and ends of what is none."""
        ours, theirs = self._exchange(one.exchange), self._live_exchange(other.exchange)
        return Tracks(one.request, list(points(ours)), list(points(theirs)), list(self._links(ours, theirs)))

    def _links(self, ours: model.Exchange, theirs: model.Exchange) -> Iterator[tuple[Spot, Spot]]:
        for spot in ("head", "end"):
            yield (ours.number, spot), (theirs.number, spot)
        if not (timeline.is_event_stream(ours) and timeline.is_event_stream(theirs)):
            return
        pair = ExchangePair(
            rules=self._rules,
            tokens=Correspondence(self._recorded.tokens, self._live.tokens),
            sessions=(self._recorded.number, self._live.number),
            request="",
            recorded=ours,
            live=theirs,
        )
        streams = StreamPair(pair)
        for edit in streams.edits:
            if edit.left is not None and edit.right is not None:
                left, right = streams.recorded[edit.left].place, streams.live[edit.right].place
                yield (ours.number, left), (theirs.number, right)

    def of_job(self, one: Question, job: Job, other: Question, live_job: Job) -> Tracks:
        """The states that the polls of two jobs saw."""
        ours = seen_states(self._exchange(number) for number in job.polls)
        theirs = seen_states(self._live_exchange(number) for number in live_job.polls)
        began, live_began = self._exchange(one.exchange), self._live_exchange(other.exchange)
        found = edits(
            [poll.key for poll in ours], [poll.key for poll in theirs], state_similarity(ours, theirs)
        )
        links: list[tuple[Spot, Spot]] = [
            ((ours[edit.left].exchange, "end"), (theirs[edit.right].exchange, "end"))
            for edit in found
            if edit.left is not None and edit.right is not None
        ]
        return Tracks(
            f"{one.request}, and the polls of its job",
            [*points(began), *(self._state(poll.exchange, state_text(poll.state), began) for poll in ours)],
            [
                *points(live_began),
                *(self._live_state(poll.exchange, state_text(poll.state), live_began) for poll in theirs),
            ],
            [*self._links(began, live_began), *links],
        )

    def _state(self, number: int, name: str, began: model.Exchange) -> Point:
        return Point(self._exchange(number).end.at - began.request.at, (number, "end"), name)

    def _live_state(self, number: int, name: str, began: model.Exchange) -> Point:
        return Point(self._live_exchange(number).end.at - began.request.at, (number, "end"), name)

    def _exchange(self, number: int) -> model.Exchange:
        return self._recorded.exchanges[self._ours.places[number]]

    def _live_exchange(self, number: int) -> model.Exchange:
        return self._live.exchanges[self._theirs.places[number]]


def by_exchange(asked: Questions, number: int) -> Question:
    """What an exchange asks."""
    return next(one for one in asked.in_order if one.exchange == number)


def points(exchange: model.Exchange) -> Iterator[Point]:
    """The head of an exchange, its events if it is a stream, and its end."""
    place = 0
    for moment in timeline.timeline(exchange):
        if moment.what == "event":
            yield Point(moment.at, (exchange.number, place), f"{moment.name} {moment.data[:100]}".strip())
            place += 1
        elif moment.what in {"head", "end"}:
            yield Point(moment.at, (exchange.number, moment.what), moment.name)
