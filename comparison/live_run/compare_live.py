"""Compares what a live chatbot answered with what the cassette has, session by session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from cassettes.tokens.sessions import ExchangeSource, RequestTokens, Sessions, find_sessions
from cassettes.views.jobs import Job, find_jobs
from comparison.compare import compare_session
from comparison.conversation.recorded_sessions import Conversation, Exchanges
from comparison.live_run.run_result import LiveRunResult
from comparison.result import Place, SessionComparison, Uncompared
from comparison.rules.comparison_rules import STRICT, ComparisonRules


class LiveConversations:
    """A live run as conversations: that of a recorded session is what was asked in its place, and answered.

    `sessions` are the recorded ones, `source` has the live exchanges. Raises CassetteError when one cannot be read.
    """

    def __init__(self, sessions: Sessions, source: ExchangeSource, result: LiveRunResult) -> None:
        self.result = result
        self._sessions = sessions
        self._source = source
        request_tokens = RequestTokens()
        for number in range(len(source)):
            request = source.exchange(number).request
            request_tokens.add(request.url, request.headers, request.body)
        self._public = find_sessions(source, request_tokens).public

    def conversation(self, session: int) -> Conversation:
        """What stands for a recorded session."""
        numbers = self.result.live(self._sessions.exchanges(session))
        return Conversation(session, Exchanges(self._source, numbers), self._public)


def compare_live(
    recorded: Iterable[Conversation], live: LiveConversations, rules: ComparisonRules = STRICT
) -> Iterator[SessionComparison]:
    """Everything in which live answers differ from the recorded ones, and what could not be asked or compared."""
    if live.result.lost:
        yield SessionComparison(
            session=None, live_session=None, uncompared=(Uncompared(why=live.result.lost),)
        )
    for one in recorded:
        numbers = [exchange.number for exchange in one.exchanges]
        pairs = live.result.pairs(numbers)
        found = compare_session(one, live.conversation(one.number), rules, pairs)
        failed = any(live.result.exchanges[number].why for number in numbers)
        yield explained(found, numbers, live.result, leads(find_jobs(one.exchanges))) if failed else found


def leads(jobs: Iterable[Job]) -> dict[int, int]:
    """The exchange that each poll of a job is one question with."""
    return {
        number: job.polls[0] if job.issued is None else job.issued for job in jobs for number in job.polls
    }


def explained(
    found: SessionComparison, numbers: Iterable[int], result: LiveRunResult, questions: Mapping[int, int]
) -> SessionComparison:
    """The comparison, with the live run's own words for what it could not compare.

    Where a difference tells already what became of an exchange, that is enough; so it is for the polls that were not
    made of a job that was told of. `questions` has the exchange that each poll is one question with.
    """
    whys = {number: asked.why for number, asked in result.failures}
    told = {one.at.exchange for one in found.differences} | {gap.at.exchange for gap in found.uncompared}
    uncompared = [
        msgspec.structs.replace(one, why=whys.get(one.at.exchange, one.why))
        if one.at.exchange is not None
        else one
        for one in found.uncompared
    ]
    for number in numbers:
        question = questions.get(number, number)
        follows = result.exchanges[number].how == "not-asked" and question in told
        if number in whys and number not in told and not follows:
            told.add(question)
            uncompared.append(
                Uncompared(
                    why=whys[number],
                    session=found.session,
                    live_session=found.live_session,
                    at=Place(exchange=number),
                    live_at=Place(exchange=max(result.exchanges[number].live, default=None)),
                )
            )
    return msgspec.structs.replace(found, uncompared=tuple(uncompared))
