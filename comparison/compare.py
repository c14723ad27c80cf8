"""Compares two recordings, session by session.

Sessions are paired, then their requests, then both responses are compared: `compare_sessions`, `compare_session`,
`SessionPair.differences`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from cassettes import model
from cassettes.answers.protocol_end import completed
from cassettes.views.jobs import Job
from comparison.alignment.pairing import pair_equal, pair_sessions
from comparison.conversation.recorded_sessions import Conversation, RecordedSessions
from comparison.conversation.token_correspondence import Correspondence
from comparison.exchange.exchange_diff import exchange_differences
from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.job_diff import job_differences, seen_states
from comparison.questions import Question, questions
from comparison.result import Comparison, Difference, Place, SessionComparison, Uncompared
from comparison.rules.comparison_rules import STRICT, ComparisonRules

MOST_DIFFERENCES = 200
"""Differences of one session that are listed; further ones are only counted."""


def compare(
    recorded: RecordedSessions, live: RecordedSessions, rules: ComparisonRules = STRICT
) -> Comparison:
    """Returns all differences between two recordings. Raises CassetteError when one cannot be read."""
    return summed(compare_sessions(recorded, live, rules))


def compare_sessions(
    recorded: RecordedSessions, live: RecordedSessions, rules: ComparisonRules = STRICT
) -> Iterator[SessionComparison]:
    """Yields one comparison a session; only the sessions that are compared are in memory."""
    recorded_keys = [request_keys(conversation, rules) for conversation in recorded]
    live_keys = [request_keys(conversation, rules) for conversation in live]
    for session, live_session in pair_sessions(recorded_keys, live_keys):
        if session is None or live_session is None:
            yield without_counterpart(session, live_session)
        else:
            yield compare_session(recorded.conversation(session), live.conversation(live_session), rules)


def request_keys(conversation: Conversation, rules: ComparisonRules) -> tuple[bytes, ...]:
    """Returns the keys of a session's requests (see `Question.key`), by which sessions are paired."""
    return tuple(question.key for question in questions(conversation, rules).in_order)


def without_counterpart(session: int | None, live_session: int | None) -> SessionComparison:
    """Returns the comparison of a session that only one side has."""
    side = "live" if live_session is None else "recorded"
    why = Uncompared(why=f"no {side} session asks this", session=session, live_session=live_session)
    return SessionComparison(session=session, live_session=live_session, uncompared=(why,))


def compare_session(
    recorded: Conversation,
    live: Conversation,
    rules: ComparisonRules = STRICT,
    pairs: Iterable[tuple[int, int]] | None = None,
    most: int = MOST_DIFFERENCES,
) -> SessionComparison:
    """Returns the differences between two sessions, of which it lists `most` and counts the rest.

    `pairs` has the numbers (recorded, live) of exchanges that belong together, where they are known; polls need not
    be in it. Without it, the n-th of equal requests belongs to the n-th.
    """
    session_pair = SessionPair(recorded, live, rules)
    findings = Findings(rules, most)
    for question, live_question in session_pair.pairs(pairs):
        findings.add(session_pair.differences(question, live_question))
    return SessionComparison(
        session=recorded.number,
        live_session=live.number,
        pairs=tuple(session_pair.compared),
        differences=tuple(findings.differences),
        uncompared=tuple(findings.uncompared),
        cut=findings.cut,
    )


class SessionPair:
    """A recorded and a live session.

    `compared` has the numbers (recorded, live) of the exchanges that `differences` compared so far.
    """

    def __init__(self, recorded: Conversation, live: Conversation, rules: ComparisonRules) -> None:
        self._recorded, self._live, self._rules = recorded, live, rules
        self._recorded_questions, self._live_questions = questions(recorded, rules), questions(live, rules)
        self._tokens = Correspondence(recorded.tokens, live.tokens)
        self.compared: list[tuple[int, int]] = []

    def pairs(
        self, known: Iterable[tuple[int, int]] | None
    ) -> Iterator[tuple[Question | None, Question | None]]:
        """Yields the requests that belong together; None on the side that has no counterpart.

        `known` are the numbers of exchanges that do, (recorded, live).
        """
        recorded, live = self._recorded_questions.in_order, self._live_questions.in_order
        if known is None:
            places = pair_equal([question.key for question in recorded], [question.key for question in live])
        else:
            live_of = dict(known)
            places = pair_equal(
                [live_of.get(question.exchange, -1) for question in recorded],
                [question.exchange for question in live],
            )
        for place, live_place in places:
            yield None if place is None else recorded[place], None if live_place is None else live[live_place]

    def differences(
        self, recorded: Question | None, live: Question | None
    ) -> Iterator[Difference | Uncompared]:
        """Yields the differences between the responses to two requests, and between their jobs."""
        if recorded is None or live is None:
            yield self._without_counterpart(recorded, live)
            return
        self.compared.append((recorded.exchange, live.exchange))
        if recorded.job is None or live.job is None:
            yield from exchange_differences(self._exchange_pair(recorded.exchange, live.exchange))
            return
        self._tokens.equate(recorded.job.id, live.job.id)
        self._tokens.equate(recorded.job.target, live.job.target)
        issues: list[Difference | Uncompared] = []
        if recorded.job.issued is not None:
            issues += exchange_differences(self._exchange_pair(recorded.exchange, live.exchange))
        yield from issues
        yield from self._jobs(recorded, recorded.job, live, live.job, explained=bool(issues))

    def _jobs(
        self, recorded: Question, job: Job, live: Question, live_job: Job, *, explained: bool
    ) -> Iterator[Difference | Uncompared]:
        """Yields the differences between two jobs; `explained` says that there is a reason why one was not polled."""
        states = seen_states(map(self._recorded_exchange, job.polls))
        live_states = seen_states(map(self._live_exchange, live_job.polls))
        if states and live_states:
            both_created = job.issued is not None and live_job.issued is not None
            created = self._exchange_pair(recorded.exchange, live.exchange) if both_created else None
            yield from job_differences(states, live_states, self._exchange_pair, created)
        elif (states or live_states) and not explained:
            side = "live" if states else "recorded"
            pair = self._exchange_pair(recorded.exchange, live.exchange)
            yield pair.uncompared(f"the {side} job was never polled")

    def _exchange_pair(self, recorded: int, live: int) -> ExchangePair:
        return ExchangePair(
            rules=self._rules,
            tokens=self._tokens,
            sessions=(self._recorded.number, self._live.number),
            request=self._recorded_questions.labels[recorded],
            recorded=self._recorded_exchange(recorded),
            live=self._live_exchange(live),
        )

    def _recorded_exchange(self, number: int) -> model.Exchange:
        return completed(self._recorded.exchanges[self._recorded_questions.places[number]])

    def _live_exchange(self, number: int) -> model.Exchange:
        return completed(self._live.exchanges[self._live_questions.places[number]])

    def _without_counterpart(self, recorded: Question | None, live: Question | None) -> Uncompared:
        side = "live" if live is None else "recorded"
        present = recorded or live
        assert present is not None
        return Uncompared(
            why=f"no {side} exchange asks this",
            session=self._recorded.number,
            live_session=self._live.number,
            request=present.request,
            at=Place(exchange=None if recorded is None else recorded.exchange),
            live_at=Place(exchange=None if live is None else live.exchange),
        )


class Findings:
    """Collects the differences of a session that the rules count; `cut` counts those beyond `most`."""

    def __init__(self, rules: ComparisonRules, most: int = MOST_DIFFERENCES) -> None:
        self._aspects = rules.aspects
        self._most = most
        self.differences: list[Difference] = []
        self.uncompared: list[Uncompared] = []
        self.cut = 0

    def add(self, found: Iterable[Difference | Uncompared]) -> None:
        """Add all that was found, without the differences in aspects that the rules do not compare."""
        for one in found:
            if isinstance(one, Uncompared):
                self.uncompared.append(one)
            elif one.aspect in self._aspects:
                if len(self.differences) < self._most:
                    self.differences.append(one)
                else:
                    self.cut += 1


def summed(sessions: Iterable[SessionComparison]) -> Comparison:
    """Returns one comparison of all these sessions."""
    total = Comparison()
    differences: list[Difference] = []
    uncompared: list[Uncompared] = []
    for session in sessions:
        differences += session.differences
        uncompared += session.uncompared
        total = msgspec.structs.replace(
            total,
            sessions=total.sessions + 1,
            exchanges=total.exchanges + len(session.pairs),
            cut=total.cut + session.cut,
        )
    return msgspec.structs.replace(total, differences=tuple(differences), uncompared=tuple(uncompared))
