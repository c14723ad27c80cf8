"""What a recorded conversation asks, and what its client did: where it knew which tokens and cookies, and polled what.

It is derived from one session's exchanges, and holds none of their bodies.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from cassettes import model
from cassettes.file.reader import Cassette
from cassettes.tokens.discovery import tokens
from cassettes.tokens.finder import TokenFinder
from cassettes.tokens.places import issued
from cassettes.views.jobs import ENDED, find_jobs, state
from comparison.live_run.cookie_jar import Jar
from foundation.digests import Digest
from foundation.http.cookies import cookies_sent
from foundation.http.headers import values, without
from foundation.http.urls import path_and_query, target

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class PollStep(msgspec.Struct, frozen=True):
    """A poll of the job that the exchange `job` issued; None when the recording does not have that.

    "until" is the one that told its end, "before" one before that, "after" one that asked once more.
    """

    job: int | None
    turn: Literal["before", "until", "after"]


class PlannedExchange(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded exchange, as it is to be asked again. Times are microseconds of the cassette (see `timeline`).

    `needs` are the tokens in its url and headers that earlier answers gave, `mentions` those in its body; `withheld`
    are the cookies that its client had and did not send; `issues` says whether it issues a job that is polled later.
    A client that hung up did so after `pieces` pieces of the body; None for one that waited for the end. `answered`
    says whether there was an answer, `broke` how the connection ended where there was none; `whole` whether the request
    is all there.
    """

    number: int
    at: int
    ended: int
    needs: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    issues: bool = False
    poll: PollStep | None = None
    pieces: int | None = None
    answered: bool = True
    broke: model.How | None = None
    whole: bool = True


class ConversationPlan(msgspec.Struct, frozen=True):
    """The steps of a conversation in their order, and the tokens of its recorded session."""

    steps: tuple[PlannedExchange, ...]
    finder: TokenFinder


def plan(
    cassette: Cassette,
    session: Sequence[int],
    public: frozenset[Digest],
    times: Sequence[int],
    own: frozenset[str] = frozenset(),
) -> ConversationPlan:
    """What the exchanges of a session ask; `times` is the cassette's time line. Raises CassetteError.

    Headers of the names `own`, in lower case, are not the recorded client's to give.
    """
    exchanges = [cassette.exchange(number) for number in session]
    finder = TokenFinder(value for token in tokens(exchanges, public) for value in token.values)
    reader = PlanReader(finder, own, jobs_polled(exchanges), created(cassette.header(session[0])))
    return ConversationPlan(
        tuple(reader.step(exchange, times[exchange.number]) for exchange in exchanges), finder
    )


class PlanReader:
    """Reads the exchanges of one session in order, knowing what its client had by then."""

    def __init__(
        self, finder: TokenFinder, own: frozenset[str], polled: dict[int, PollStep], created: dt.datetime
    ) -> None:
        self._finder = finder
        self._own = {"cookie", *own}
        self._polled = polled
        self._created = created
        self._jar = Jar()
        self._given: set[str] = set()

    def step(self, exchange: model.Exchange, at: int) -> PlannedExchange:
        """The next exchange."""
        request, end = exchange.request, exchange.end
        found = PlannedExchange(
            number=exchange.number,
            at=at,
            ended=at + max(0, end.at - request.at),
            needs=frozenset(self._needs(request) & self._given),
            mentions=frozenset(found_in(self._finder, request.body) & self._given),
            withheld=self._withheld(request),
            issues=any(poll.job == exchange.number for poll in self._polled.values()),
            poll=self._polled.get(exchange.number),
            pieces=pieces(exchange) if end.how == "client-closed" else None,
            answered=exchange.response is not None,
            broke=end.how if exchange.response is None else None,
            whole=not any(loss.reason.startswith("request body") for loss in exchange.losses),
        )
        self._learn(exchange)
        return found

    def _needs(self, request: model.Request) -> set[str]:
        texts = [value for _, value in without(request.headers, *self._own)]
        return found_in(self._finder, "\n".join([target(request.url), *texts]).encode("utf-8", "replace"))

    def _withheld(self, request: model.Request) -> frozenset[str]:
        path = path_and_query(request.url)[0]
        had = {cookie.name for cookie in self._jar.cookies(path, self._now(request.at))}
        return frozenset(had - {cookie.name for cookie in cookies_sent(request.headers)})

    def _learn(self, exchange: model.Exchange) -> None:
        self._given.update(place.value for place in issued(exchange) if place.value in self._finder.values)
        response = exchange.response
        if response is not None:
            path = path_and_query(exchange.request.url)[0]
            self._jar.store(values(response.headers, "set-cookie"), path, self._now(response.at))

    def _now(self, at: int) -> dt.datetime:
        return self._created + dt.timedelta(microseconds=at)


def found_in(finder: TokenFinder, text: bytes) -> set[str]:
    """The values in a text."""
    found: set[str] = set()

    def note(value: str) -> str:
        found.add(value)
        return value

    finder.replace(text, note)
    return found


def jobs_polled(exchanges: Sequence[model.Exchange]) -> dict[int, PollStep]:
    """The polls of a conversation, by their numbers; the first answer that names a job has issued it."""
    by_number: dict[int, model.Exchange] = {exchange.number: exchange for exchange in exchanges}
    issuers: dict[str, int] = {}
    ended: set[str] = set()
    polled: dict[int, PollStep] = {}
    jobs = find_jobs(exchanges)
    for job in jobs:
        if job.issued is not None:
            issuers.setdefault(job.target, job.issued)
    for number, where in sorted((number, job.target) for job in jobs for number in job.polls):
        issuer = issuers.get(where)
        if where in ended:
            polled[number] = PollStep(issuer, "after")
        elif state(by_number[number]).status in ENDED:
            ended.add(where)
            polled[number] = PollStep(issuer, "until")
        else:
            polled[number] = PollStep(issuer, "before")
    return polled


def pieces(exchange: model.Exchange) -> int:
    """How many pieces of a body arrived."""
    return sum(bool(chunk.data) for chunk in exchange.chunks)


def created(header: model.Header) -> dt.datetime:
    """When a recording was made; the epoch where it does not say."""
    try:
        found = dt.datetime.fromisoformat(header.created)
    except ValueError:
        return EPOCH
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def timeline(requests: Iterable[model.Request]) -> array[int]:
    """When each request of a cassette was made, in microseconds from the first.

    Where one recording ends and another begins in it, no time passes.
    """
    times = array("q")
    now = before = 0
    for request in requests:
        now += max(0, request.at - before) if times else 0
        before = request.at
        times.append(now)
    return times
