"""Finds the moments of both sides of an exchange, or of a job, and which of them correspond.

Times are microseconds since the end of the request; the moments of a job are the states that its polls saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from cassettes import model
from cassettes.answers.protocol_end import completed
from cassettes.views import timeline
from comparison.alignment.sequences import edits
from comparison.conversation.recorded_sessions import Conversation
from comparison.conversation.token_correspondence import Correspondence
from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.job_diff import SeenState, seen_states, state_similarity, state_text
from comparison.exchange.stream_diff import StreamPair
from comparison.questions import Question, questions
from comparison.result import SessionComparison
from comparison.rules.comparison_rules import ComparisonRules

type Spot = tuple[int, int | str]
"""A moment in a session: the number of an exchange, and in that the place of an event, "head" or "end"."""


class Point(msgspec.Struct, frozen=True):
    """A moment: when it was, its spot, and a name for a person."""

    at: int
    spot: Spot
    name: str


class Tracks(msgspec.Struct, frozen=True):
    """The moments of both sides of one request, in order; `links` are those (recorded, live) that correspond."""

    request: str
    recorded: Sequence[Point]
    live: Sequence[Point]
    links: Sequence[tuple[Spot, Spot]]


def tracks(
    session: SessionComparison, recorded: Conversation, live: Conversation, rules: ComparisonRules
) -> Iterator[Tracks]:
    """Yields the tracks of all requests of a session that have differences; exchanges are read again for them."""
    pair = TrackPair(recorded, live, rules)
    different = {one.at.exchange for one in session.differences}
    for number, live_number in session.pairs:
        question, live_question = pair.recorded.question(number), pair.live.question(live_number)
        polls = question.job.polls if question.job else []
        if different.isdisjoint({number, *polls}):
            continue
        if question.job is not None and live_question.job is not None:
            yield pair.of_job(question, live_question)
        else:
            yield pair.of_exchange(question, live_question)


class TrackSide:
    """The recorded or the live side of a session."""

    def __init__(self, conversation: Conversation, rules: ComparisonRules) -> None:
        self.conversation = conversation
        self._questions = questions(conversation, rules)

    def question(self, exchange: int) -> Question:
        """Returns the request of an exchange that is no poll."""
        return next(question for question in self._questions.in_order if question.exchange == exchange)

    def exchange(self, number: int) -> model.Exchange:
        """Reads an exchange."""
        return completed(self.conversation.exchanges[self._questions.places[number]])

    def states(self, question: Question) -> list[SeenState]:
        """Returns the states of a request's job that its polls saw."""
        assert question.job is not None
        return seen_states(map(self.exchange, question.job.polls))

    def job_points(self, question: Question, states: Sequence[SeenState]) -> list[Point]:
        """Returns the moments of the exchange with which a job begins, then those in which its states were seen."""
        first = self.exchange(question.exchange)
        seen = [
            Point(
                self.exchange(one.exchange).end.at - first.request.at,
                (one.exchange, "end"),
                state_text(one.state),
            )
            for one in states
        ]
        return [*points(first), *seen]


class TrackPair:
    """Both sides of a session."""

    def __init__(self, recorded: Conversation, live: Conversation, rules: ComparisonRules) -> None:
        self.recorded, self.live = TrackSide(recorded, rules), TrackSide(live, rules)
        self._rules = rules

    def of_exchange(self, recorded: Question, live: Question) -> Tracks:
        """Returns the tracks of two exchanges: the events of streams, else the heads and ends."""
        exchanges = self.recorded.exchange(recorded.exchange), self.live.exchange(live.exchange)
        recorded_points, live_points = map(list, map(points, exchanges))
        return Tracks(recorded.request, recorded_points, live_points, list(self._links(*exchanges)))

    def of_job(self, recorded: Question, live: Question) -> Tracks:
        """Returns the tracks of two jobs: the states that their polls saw."""
        states, live_states = self.recorded.states(recorded), self.live.states(live)
        first = self.recorded.exchange(recorded.exchange), self.live.exchange(live.exchange)
        return Tracks(
            f"{recorded.request}, and the polls of its job",
            self.recorded.job_points(recorded, states),
            self.live.job_points(live, live_states),
            [*self._links(*first), *state_links(states, live_states)],
        )

    def _links(self, recorded: model.Exchange, live: model.Exchange) -> Iterator[tuple[Spot, Spot]]:
        """Yields the spots of two exchanges that correspond: heads, ends, and the events of streams."""
        for spot in ("head", "end"):
            yield (recorded.number, spot), (live.number, spot)
        if not (timeline.is_event_stream(recorded) and timeline.is_event_stream(live)):
            return
        conversation, live_conversation = self.recorded.conversation, self.live.conversation
        pair = ExchangePair(
            rules=self._rules,
            tokens=Correspondence(conversation.tokens, live_conversation.tokens),
            sessions=(conversation.number, live_conversation.number),
            request="",
            recorded=recorded,
            live=live,
        )
        streams = StreamPair(pair)
        for edit in streams.edits:
            if edit.left is not None and edit.right is not None:
                place, live_place = streams.recorded[edit.left].place, streams.live[edit.right].place
                yield (recorded.number, place), (live.number, live_place)


def state_links(recorded: Sequence[SeenState], live: Sequence[SeenState]) -> Iterator[tuple[Spot, Spot]]:
    """Yields the spots at which the states of two jobs that correspond were seen."""
    keys, live_keys = [one.key for one in recorded], [one.key for one in live]
    for edit in edits(keys, live_keys, state_similarity(recorded, live)):
        if edit.left is not None and edit.right is not None:
            yield (recorded[edit.left].exchange, "end"), (live[edit.right].exchange, "end")


def points(exchange: model.Exchange) -> Iterator[Point]:
    """Yields the head of an exchange, its events if it is a stream, and its end."""
    place = 0
    for moment in timeline.timeline(exchange):
        if moment.what == "event":
            yield Point(moment.at, (exchange.number, place), f"{moment.name} {moment.data[:100]}".strip())
            place += 1
        elif moment.what in {"head", "end"}:
            yield Point(moment.at, (exchange.number, moment.what), moment.name)
