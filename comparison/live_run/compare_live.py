"""Compares the responses of a live chatbot with those of the cassette, session by session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

import msgspec

from cassettes.tokens.sessions import ExchangeSource, RequestTokens, Sessions, find_sessions
from cassettes.views.jobs import Job, find_jobs
from comparison.compare import compare_session
from comparison.conversation.recorded_sessions import Conversation, Exchanges
from comparison.live_run.run_result import LiveRunResult
from comparison.result import Place, SessionComparison, Uncompared
from comparison.rules.comparison_rules import STRICT, ComparisonRules


class LiveConversations:
    """The live exchanges of a run as conversations, one for each recorded session.

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
        """Returns the live exchanges that were made in the place of a recorded session."""
        numbers = self.result.live(self._sessions.exchanges(session))
        return Conversation(session, Exchanges(self._source, numbers), self._public)


def compare_live(
    recorded: Iterable[Conversation], live: LiveConversations, rules: ComparisonRules = STRICT
) -> Iterator[SessionComparison]:
    """Yields a comparison of each recorded session with what stands for it in the live run.

    A live recording that lacks something comes first, as a comparison without sessions. Of a server that answered no
    request at all, as one that closes every connection, nothing is compared: it is not the chatbot. Raises
    CassetteError when an exchange cannot be read.
    """
    if live.result.silence:
        silent = Uncompared(why=live.result.silence)
        yield SessionComparison(session=None, live_session=None, uncompared=(silent,))
        return
    if live.result.lost:
        yield SessionComparison(
            session=None, live_session=None, uncompared=(Uncompared(why=live.result.lost),)
        )
    for one in recorded:
        numbers = [exchange.number for exchange in one.exchanges]
        found = compare_session(one, live.conversation(one.number), rules, live.result.pairs(numbers))
        if any(live.result.exchanges[number].why for number in numbers):
            found = explained(found, numbers, live.result, first_exchanges(find_jobs(one.exchanges)))
        yield found


def first_exchanges(jobs: Iterable[Job]) -> dict[int, int]:
    """Returns, for the number of each poll, that of the exchange with which its job begins: the comparison names it."""
    return {number: job.first for job in jobs for number in job.polls}


def explained(
    found: SessionComparison, numbers: Iterable[int], result: LiveRunResult, first_of: Mapping[int, int]
) -> SessionComparison:
    """Returns the comparison with the reasons of the live run for what could not be compared.

    `numbers` are the session's recorded exchanges; `first_of` has, for each poll, the first exchange of its job.
    """
    whys = {number: outcome.why for number, outcome in result.failures}
    uncompared = [with_reason(one, whys) for one in found.uncompared]
    reported = {one.at.exchange for one in found.differences}
    reported |= {one.at.exchange for one in found.uncompared}
    for number in unreported(numbers, result, reported, first_of):
        live_number = max(result.exchanges[number].live, default=None)
        uncompared.append(
            Uncompared(
                why=whys[number],
                session=found.session,
                live_session=found.live_session,
                at=Place(exchange=number),
                live_at=Place(exchange=live_number),
            )
        )
    return msgspec.structs.replace(found, uncompared=tuple(uncompared))


def with_reason(one: Uncompared, whys: Mapping[int, str]) -> Uncompared:
    """Returns the entry with the live run's reason for its recorded exchange, or as it is when there is none."""
    if one.at.exchange is None:
        return one
    return msgspec.structs.replace(one, why=whys.get(one.at.exchange, one.why))


def unreported(
    numbers: Iterable[int],
    result: LiveRunResult,
    reported: AbstractSet[int | None],
    first_of: Mapping[int, int],
) -> Iterator[int]:
    """Yields the failed exchanges of which the comparison does not say anything yet.

    Polls that were not made follow from what is reported of their job; of an unreported job the first failed poll
    stands for all of them.
    """
    known = set(reported)
    for number in numbers:
        outcome = result.exchanges[number]
        first = first_of.get(number, number)
        follows = outcome.how == "not-asked" and first in known
        if outcome.why and number not in known and not follows:
            known.add(first)
            yield number
