"""Compares two recordings, session by session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from cassettes import model
from comparison.alignment.pairing import pair_equal, pair_sessions
from comparison.conversation.recorded_sessions import Conversation, RecordedSessions
from comparison.conversation.token_correspondence import Correspondence
from comparison.exchange.exchange_diff import exchange_differences
from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.job_diff import job_differences, seen_states
from comparison.questions import Question, Questions, questions
from comparison.result import Comparison, Difference, Place, SessionComparison, Uncompared
from comparison.rules.comparison_rules import STRICT, ComparisonRules

MOST_DIFFERENCES = 200
"""Of one session that are listed; the others are counted."""


def compare(
    recorded: RecordedSessions, live: RecordedSessions, rules: ComparisonRules = STRICT
) -> Comparison:
    """Everything in which a recording differs from another one. Raises CassetteError when one cannot be read."""
    return summed(compare_sessions(recorded, live, rules))


def compare_sessions(
    recorded: RecordedSessions, live: RecordedSessions, rules: ComparisonRules = STRICT
) -> Iterator[SessionComparison]:
    """The same, a session at a time: each is read when it is asked for, and let go."""
    ours, theirs = ([keys(one, rules) for one in side] for side in (recorded, live))
    for one, other in pair_sessions(ours, theirs):
        if one is None or other is None:
            yield alone(one, other)
        else:
            yield compare_session(recorded.conversation(one), live.conversation(other), rules)


def keys(conversation: Conversation, rules: ComparisonRules) -> tuple[bytes, ...]:
    """What tells what a session asks."""
    return tuple(one.key for one in questions(conversation, rules).in_order)


def alone(session: int | None, live_session: int | None) -> SessionComparison:
    """A session that has no counterpart."""
    side = "live" if live_session is None else "recorded"
    why = Uncompared(why=f"no {side} session asks this", session=session, live_session=live_session)
    return SessionComparison(session=session, live_session=live_session, uncompared=(why,))


def compare_session(
    recorded: Conversation,
    live: Conversation,
    rules: ComparisonRules = STRICT,
    pairs: Iterable[tuple[int, int]] | None = None,
) -> SessionComparison:
    """Compare one session.

    `pairs` says which live exchange answers which recorded one, by their numbers, where that is known; those of
    polls need not be in it. Otherwise requests belong together that ask the same.
    """
    meeting = SessionPair(recorded, live, rules)
    ledger = Ledger(rules)
    for one, other in meeting.pairs(pairs):
        ledger.add(meeting.differences(one, other))
    return SessionComparison(
        session=recorded.number,
        live_session=live.number,
        pairs=tuple(meeting.compared),
        differences=tuple(ledger.differences),
        uncompared=tuple(ledger.uncompared),
        cut=ledger.cut,
    )


class SessionPair:
    """A recorded and a live session; `compared` grows by the numbers of the exchanges that were compared."""

    def __init__(self, recorded: Conversation, live: Conversation, rules: ComparisonRules) -> None:
        self._recorded, self._live, self._rules = recorded, live, rules
        self._ours, self._theirs = questions(recorded, rules), questions(live, rules)
        self._tokens = Correspondence(recorded.tokens, live.tokens)
        self.compared: list[tuple[int, int]] = []

    def pairs(
        self, known: Iterable[tuple[int, int]] | None
    ) -> Iterator[tuple[Question | None, Question | None]]:
        """What is asked on both sides, or on one."""
        ours, theirs = self._ours.in_order, self._theirs.in_order
        if known is None:
            found = pair_equal([one.key for one in ours], [one.key for one in theirs])
        else:
            live_of = dict(known)
            found = pair_equal(
                [live_of.get(one.exchange, -1) for one in ours], [one.exchange for one in theirs]
            )
        for one, other in found:
            yield None if one is None else ours[one], None if other is None else theirs[other]

    def differences(self, one: Question | None, other: Question | None) -> Iterator[Difference | Uncompared]:
        """In what the answers to a question differ."""
        if one is None or other is None:
            yield self._without(one, other)
            return
        self.compared.append((one.exchange, other.exchange))
        if one.job is not None and other.job is not None:
            self._tokens.equate(one.job.id, other.job.id)
            self._tokens.equate(one.job.target, other.job.target)
        if (one.job is None) or (other.job is None) or one.job.issued is not None:
            yield from exchange_differences(self._answers(one.exchange, other.exchange))
        if one.job is not None and other.job is not None:
            yield from self._jobs(one, other)

    def _jobs(self, one: Question, other: Question) -> Iterator[Difference | Uncompared]:
        assert one.job is not None
        assert other.job is not None
        ours = seen_states(self._exchange(self._recorded, self._ours, number) for number in one.job.polls)
        theirs = seen_states(self._exchange(self._live, self._theirs, number) for number in other.job.polls)
        if ours and theirs:
            yield from job_differences(ours, theirs, self._answers)
        elif ours or theirs:
            side = "live" if ours else "recorded"
            answers = self._answers(one.exchange, other.exchange)
            yield answers.uncompared(f"the {side} job was never polled")

    def _answers(self, recorded: int, live: int) -> ExchangePair:
        return ExchangePair(
            rules=self._rules,
            tokens=self._tokens,
            sessions=(self._recorded.number, self._live.number),
            request=self._ours.labels[recorded],
            recorded=self._exchange(self._recorded, self._ours, recorded),
            live=self._exchange(self._live, self._theirs, live),
        )

    def _exchange(self, conversation: Conversation, asked: Questions, number: int) -> model.Exchange:
        return conversation.exchanges[asked.places[number]]

    def _without(self, one: Question | None, other: Question | None) -> Uncompared:
        side = "live" if other is None else "recorded"
        named = one or other
        assert named is not None
        return Uncompared(
            why=f"no {side} exchange asks this",
            session=self._recorded.number,
            live_session=self._live.number,
            request=named.request,
            at=Place(exchange=None if one is None else one.exchange),
            live_at=Place(exchange=None if other is None else other.exchange),
        )


class Ledger:
    """Collects what was found in a session, as far as it is to be compared and listed."""

    def __init__(self, rules: ComparisonRules) -> None:
        self._aspects = rules.aspects
        self.differences: list[Difference] = []
        self.uncompared: list[Uncompared] = []
        self.cut = 0

    def add(self, found: Iterable[Difference | Uncompared]) -> None:
        """Take note of what was found."""
        for one in found:
            if isinstance(one, Uncompared):
                self.uncompared.append(one)
            elif one.aspect in self._aspects:
                if len(self.differences) < MOST_DIFFERENCES:
                    self.differences.append(one)
                else:
                    self.cut += 1


def summed(sessions: Iterable[SessionComparison]) -> Comparison:
    """One comparison of many sessions."""
    total = Comparison()
    differences: list[Difference] = []
    uncompared: list[Uncompared] = []
    for one in sessions:
        differences += one.differences
        uncompared += one.uncompared
        total = msgspec.structs.replace(
            total,
            sessions=total.sessions + 1,
            exchanges=total.exchanges + len(one.pairs),
            cut=total.cut + one.cut,
        )
    return msgspec.structs.replace(total, differences=tuple(differences), uncompared=tuple(uncompared))
