"""Compares each live exchange with a recorded one as soon as it has ended, and a job as soon as that has ended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from cassettes import model
from cassettes.views.job_states import state
from cassettes.views.jobs import find_jobs
from comparison.compare import compare_session
from comparison.conversation.recorded_sessions import Conversation, RecordedSessions
from comparison.monitor.monitored_sessions import LIMITS, MonitoredSession, MonitoredSessions, SessionLimits
from comparison.questions import Question, questions
from comparison.result import Difference, SessionComparison
from comparison.rules.comparison_rules import ComparisonRules


class SessionComparer:
    """Compares live exchanges with a recording. Raises CassetteError when that cannot be read.

    A live session is compared with a recorded one that has the same request, and with another once that lacks one; of
    several, live sessions take turns. The n-th of equal requests is compared with the n-th, those beyond with the last:

        recorded session 0  GET /count: 1   GET /count: 2
        live                GET /count: 1   GET /count: 2   GET /count: 2     all the same

    `same`, `different`, `gaps` (could not be compared) and `unknown` (not recorded) count requests, where a job is one
    with all its polls; `unfinished` counts jobs that have not ended.
    """

    def __init__(
        self, recorded: RecordedSessions, rules: ComparisonRules, limits: SessionLimits = LIMITS
    ) -> None:
        self._recorded = recorded
        self._rules = rules
        self._live = MonitoredSessions(limits)
        self._keys: list[list[tuple[bytes, int]]] = []  # of each recorded session: its requests and exchanges
        self._sessions_with: defaultdict[bytes, list[int]] = defaultdict(list)  # by the key of a request
        self._turns: Counter[bytes] = Counter()
        for conversation in recorded:
            self._index(conversation)
        self.same = self.different = self.gaps = self.unknown = self.unfinished = 0

    def _index(self, conversation: Conversation) -> None:
        found = questions(conversation, self._rules).in_order
        self._keys.append([(question.key, question.exchange) for question in found])
        for key in dict.fromkeys(question.key for question in found):
            self._sessions_with[key].append(conversation.number)

    def take(self, exchange: model.Exchange) -> Sequence[Difference]:
        """Adds an exchange that has ended; returns the differences that are certain now."""
        session = self._live.add(exchange)
        if not self._is_due(exchange.number, session):
            return ()
        conversation = Conversation(session.number, session.exchanges)
        requests = questions(conversation, self._rules).in_order
        place, question = next(
            (place, question)
            for place, question in enumerate(requests)
            if exchange.number in numbers(question)
        )
        counterpart = self._counterpart(session, question.key, [before.key for before in requests[:place]])
        if counterpart is None:
            self.unknown += 1
            return ()
        assert session.recorded is not None
        recorded = self._recorded.conversation(session.recorded)
        found = compare_session(recorded, conversation, self._rules, [(counterpart, question.exchange)])
        return self._count(found, {counterpart, *numbers(question)}, numbers(question))

    def _is_due(self, number: int, session: MonitoredSession) -> bool:
        """Tells whether an exchange can be compared now; of a job, only the first poll that saw its end can be.

        Counts jobs that have begun and not ended as unfinished.
        """
        job = next((one for one in find_jobs(session.exchanges) if number in (one.issued, *one.polls)), None)
        if job is None:
            return True
        ends = (one.number for one in session.exchanges if one.number in job.polls and state(one).ended)
        end = next(ends, None)
        if number == job.first:
            self.unfinished += number != end
        else:
            self.unfinished -= number == end
        return number == end

    def _counterpart(self, session: MonitoredSession, key: bytes, before: Sequence[bytes]) -> int | None:
        """Returns the recorded exchange for a request, given by its key and those before it; None if there is none."""
        if session.recorded is None or key not in dict(self._keys[session.recorded]):
            sessions = self._sessions_with.get(key)
            if not sessions:
                return None
            session.recorded = sessions[self._turns[key] % len(sessions)]
            self._turns[key] += 1
        same = [number for recorded, number in self._keys[session.recorded] if recorded == key]
        return same[min(before.count(key), len(same) - 1)]

    def _count(
        self, found: SessionComparison, counterparts: set[int], own: Sequence[int]
    ) -> Sequence[Difference]:
        """Counts a request by what was found in its live exchanges `own`; returns its differences."""
        differences = [one for one in found.differences if one.live_at.exchange in own]
        if differences:
            self.different += 1
        elif any(gap.live_at.exchange in own or gap.at.exchange in counterparts for gap in found.uncompared):
            self.gaps += 1
        else:
            self.same += 1
        return differences


def numbers(question: Question) -> Sequence[int]:
    """Returns the numbers of a request's exchange and of the polls of its job."""
    return [question.exchange, *(question.job.polls if question.job else ())]
