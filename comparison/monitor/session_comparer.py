"""Compares each live answer with the recorded one as soon as it is there; a job as soon as it has ended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from cassettes import model
from cassettes.views.jobs import find_jobs, state
from comparison.compare import compare_session
from comparison.conversation.recorded_sessions import Conversation, RecordedSessions
from comparison.monitor.monitored_sessions import MonitoredSession, MonitoredSessions
from comparison.questions import Question, questions
from comparison.result import Difference, SessionComparison
from comparison.rules.comparison_rules import ComparisonRules


class SessionComparer:
    """Holds live exchanges to a recording.

    A live session is held to a recorded one that asks the same, each to the next one in turn; the n-th same request to
    the n-th recorded one, those beyond to the last. `same`, `different`, `gaps` (which could not be compared) and
    `unknown` (which nobody recorded) count questions, a job with its polls being one, and `unfinished` the jobs that
    have not ended. Raises CassetteError when the recording cannot be read.
    """

    def __init__(self, recorded: RecordedSessions, rules: ComparisonRules) -> None:
        self._recorded = recorded
        self._rules = rules
        self._live = MonitoredSessions()
        self._questions: list[list[tuple[bytes, int]]] = []
        self._asking: defaultdict[bytes, list[int]] = defaultdict(list)  # the sessions that ask something
        self._turns: Counter[bytes] = Counter()
        for conversation in recorded:
            self._index(conversation)
        self.same = self.different = self.gaps = self.unknown = self.unfinished = 0

    def _index(self, conversation: Conversation) -> None:
        asked = questions(conversation, self._rules).in_order
        self._questions.append([(one.key, one.exchange) for one in asked])
        for key in dict.fromkeys(one.key for one in asked):
            self._asking[key].append(conversation.number)

    def take(self, exchange: model.Exchange) -> Sequence[Difference]:
        """One more exchange, which has ended: the differences that can be told now."""
        session = self._live.add(exchange)
        if not self._is_due(exchange.number, session):
            return ()
        conversation = Conversation(session.number, session.exchanges)
        asked = questions(conversation, self._rules).in_order
        place, own = next((place, one) for place, one in enumerate(asked) if exchange.number in numbers(one))
        counterpart = self._counterpart(session, own.key, [one.key for one in asked[:place]])
        if counterpart is None:
            self.unknown += 1
            return ()
        assert session.recorded is not None
        recorded = self._recorded.conversation(session.recorded)
        found = compare_session(recorded, conversation, self._rules, [(counterpart, own.exchange)])
        return self._count(found, {counterpart, *numbers(own)}, numbers(own))

    def _is_due(self, number: int, session: MonitoredSession) -> bool:
        """Whether an exchange can be compared: of a job only the poll that is the first to see its end."""
        job = next((one for one in find_jobs(session.exchanges) if number in (one.issued, *one.polls)), None)
        if job is None:
            return True
        ends = (one.number for one in session.exchanges if one.number in job.polls and state(one).ended)
        end = next(ends, None)
        if number == (job.polls[0] if job.issued is None else job.issued):
            self.unfinished += number != end
        else:
            self.unfinished -= number == end
        return number == end

    def _counterpart(self, session: MonitoredSession, key: bytes, before: Sequence[bytes]) -> int | None:
        """The recorded exchange that asks the same; None when there is none."""
        if session.recorded is None or key not in dict(self._questions[session.recorded]):
            sessions = self._asking.get(key)
            if not sessions:
                return None
            session.recorded = sessions[self._turns[key] % len(sessions)]
            self._turns[key] += 1
        same = [number for one, number in self._questions[session.recorded] if one == key]
        return same[min(before.count(key), len(same) - 1)]

    def _count(
        self, found: SessionComparison, counterparts: set[int], own: Sequence[int]
    ) -> Sequence[Difference]:
        """What was found in the one question, which is counted."""
        differences = [one for one in found.differences if one.live_at.exchange in own]
        if differences:
            self.different += 1
        elif any(gap.live_at.exchange in own or gap.at.exchange in counterparts for gap in found.uncompared):
            self.gaps += 1
        else:
            self.same += 1
        return differences


def numbers(asked: Question) -> Sequence[int]:
    """The exchanges of a question: its own, and the polls of its job."""
    return [asked.exchange, *(asked.job.polls if asked.job else ())]
