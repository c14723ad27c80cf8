"""Plans the live run of a recorded session: what each request needs from earlier responses, and which are polls.

    0  POST /chat    response: {"job_id": "job_11"}   issues a job
    1  GET  /jobs/job_11   running                    needs "job_11"; a poll of job 0, turn "before" its end
    2  GET  /jobs/job_11   completed                  needs "job_11"; a poll of job 0, "until" its end
    3  GET  /jobs/job_11   completed                  needs "job_11"; a poll of job 0, "after" its end

A plan has none of the bodies of the exchanges, so that many can be in memory.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from cassettes import model
from cassettes.answers.protocol_end import completed
from cassettes.file.reader import Cassette
from cassettes.tokens.discovery import tokens
from cassettes.tokens.finder import TokenFinder
from cassettes.tokens.places import issued
from cassettes.views.job_states import state
from cassettes.views.jobs import find_jobs
from comparison.live_run.cookie_jar import Jar
from foundation.digests import Digest
from foundation.http.cookies import cookies_sent
from foundation.http.headers import values, without
from foundation.http.urls import path_and_query, target

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class PollStep(msgspec.Struct, frozen=True):
    """A poll of the job that the exchange `job` issued, which is None when the session does not have that.

    `turn` is "until" for the poll that saw the job's end, or that it waits for its client, "before" for those before
    that, "after" for those after the end. `id` is the recorded id of the job.
    """

    job: int | None
    turn: Literal["before", "until", "after"]
    id: str = ""


class PlannedExchange(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded exchange whose request is to be made again.

    `at` and `ended` are when it began and ended, in microseconds of the cassette (see `timeline`).
    `needs` are the tokens in its url and headers that earlier responses issued, `mentions` those in its body.
    `withheld` are the names of the cookies that its client had and did not send.
    `issues` says whether it issues a job that is polled later; `poll` is what it polls itself.
    `pieces` is the number of pieces of the body after which the client hung up, None when it waited for the end.
    `answered` says whether it has a response, `broke` how the connection ended without one.
    `whole` says whether its request was recorded completely.
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
    """The exchanges of a session in their order, and a finder of the session's recorded tokens."""

    steps: tuple[PlannedExchange, ...]
    finder: TokenFinder


def plan(
    cassette: Cassette,
    session: Sequence[int],
    public: frozenset[Digest],
    times: Sequence[int],
    own: frozenset[str] = frozenset(),
) -> ConversationPlan:
    """Returns the plan of a session; `times` is the cassette's time line. Raises CassetteError.

    The headers named in `own`, in lower case, are given by the live run's credentials, so tokens in them do not count.
    """
    exchanges = [cassette.exchange(number) for number in session]
    finder = TokenFinder(value for token in tokens(exchanges, public) for value in token.values)
    reader = PlanReader(finder, own, jobs_polled(exchanges), created(cassette.header(session[0])))
    return ConversationPlan(
        tuple(reader.step(exchange, times[exchange.number]) for exchange in exchanges), finder
    )


class PlanReader:
    """Reads the exchanges of one session in order, and keeps which tokens and cookies its client had by then."""

    def __init__(
        self, finder: TokenFinder, own: frozenset[str], polled: dict[int, PollStep], created: dt.datetime
    ) -> None:
        self._finder = finder
        self._own = {"cookie", *own}
        self._polled = polled
        self._created = created
        self._jar = Jar()
        self._issued: set[str] = set()

    def step(self, exchange: model.Exchange, at: int) -> PlannedExchange:
        """Returns the plan of the next exchange."""
        request, end = exchange.request, exchange.end
        found = PlannedExchange(
            number=exchange.number,
            at=at,
            ended=at + max(0, end.at - request.at),
            needs=frozenset(self._needs(request) & self._issued),
            mentions=frozenset(found_in(self._finder, request.body) & self._issued),
            withheld=self._withheld(request),
            issues=any(poll.job == exchange.number for poll in self._polled.values()),
            poll=self._polled.get(exchange.number),
            pieces=pieces(exchange) if completed(exchange).end.how == "client-closed" else None,
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
        self._issued.update(place.value for place in issued(exchange) if place.value in self._finder.values)
        response = exchange.response
        if response is not None:
            path = path_and_query(exchange.request.url)[0]
            self._jar.store(values(response.headers, "set-cookie"), path, self._now(response.at))

    def _now(self, at: int) -> dt.datetime:
        return self._created + dt.timedelta(microseconds=at)


def found_in(finder: TokenFinder, text: bytes) -> set[str]:
    """Returns the values of a finder that are in a text."""
    found: set[str] = set()

    def note(value: str) -> str:
        found.add(value)
        return value

    finder.replace(text, note)
    return found


def jobs_polled(exchanges: Sequence[model.Exchange]) -> dict[int, PollStep]:
    """Returns the polls among the exchanges of a session, by their numbers.

    Of several responses that issue a job, the first one has.
    """
    by_number: dict[int, model.Exchange] = {exchange.number: exchange for exchange in exchanges}
    issuers: dict[str, int] = {}
    ended: set[str] = set()
    polled: dict[int, PollStep] = {}
    jobs = find_jobs(exchanges)
    for job in jobs:
        if job.issued is not None:
            issuers.setdefault(job.target, job.issued)
    for number, where, id_ in sorted((number, job.target, job.id) for job in jobs for number in job.polls):
        issuer = issuers.get(where)
        if where in ended:
            polled[number] = PollStep(issuer, "after", id_)
            continue
        seen = state(by_number[number])
        if seen.ended and not seen.failed:
            ended.add(where)
        stops = where in ended or seen.paused
        polled[number] = PollStep(issuer, "until" if stops else "before", id_)
    return polled


def pieces(exchange: model.Exchange) -> int:
    """Returns how many pieces of a body arrived."""
    return sum(bool(chunk.data) for chunk in exchange.chunks)


def created(header: model.Header) -> dt.datetime:
    """Returns when a recording was made; the Unix epoch when its header has no valid time."""
    try:
        found = dt.datetime.fromisoformat(header.created)
    except ValueError:
        return EPOCH
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def timeline(requests: Iterable[model.Request]) -> array[int]:
    """Returns when each request of a cassette was made, in microseconds from the first.

    A cassette may have several recordings, each with times of its own; between two of them no time passes:
    requests at 0, 5, 9 and, in the next one, at 2, 3 are at 0, 5, 9, 9, 10.
    """
    times = array("q")
    now = before = 0
    for request in requests:
        now += max(0, request.at - before) if times else 0
        before = request.at
        times.append(now)
    return times
