"""Finds jobs: exchanges that belong together because one response creates something that later requests ask about.

What makes a job is how it behaves: a response creates a resource, and the same GET asks for it until a status ends it.
A response says itself that it created a job by

- a `job_id`, polled where its `polling_url` leads, absolute or relative, else at `/jobs/<job_id>`;
- an `Operation-Location`, a `Location` with status 202, or an url under a name such as `polling_url` or `urls.get`;
- an id with a status that goes on, such as `{"id": "resp_1", "status": "queued"}`.

Any other created resource, with an id or an url in its body or an url in its `Location`, becomes a job when a GET of
that url, or of one with the id as a part, gets a status that goes on. Only path and query count, because a recording
may have been made through a proxy. For example:

    0  POST /v1/responses        {"id": "resp_1", "status": "queued"}            creates the job resp_1
    1  GET  /v1/responses/resp_1 {"id": "resp_1", "status": "in_progress"}       its first poll
    2  GET  /v1/responses/resp_1 {"id": "resp_1", "status": "completed", ...}    its second poll, which sees its end

The response to a poll tells the job's state (see `cassettes.views.job_states`); unknown fields in it are ignored.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urldefrag, urljoin

import msgspec

from cassettes import model
from cassettes.views.job_states import json_object, state, text
from foundation.http.headers import first
from foundation.http.urls import path_and_query, target

MOST_CANDIDATES = 10_000
"""Created resources of a session that are kept in mind; the first ones are forgotten."""

MOST_LEAVES = 64
"""Values of a response that are looked at for ids and urls."""

URL_NAMES = [
    "polling_url",
    "poll_url",
    "pollingUrl",
    "status_url",
    "statusUrl",
    "status_uri",
    "operation_location",
    "operationLocation",
]
ID_NAME = re.compile(r"id|.*_id|.*[a-z]Id")
OPERATION_HEADERS = ("operation-location", "azure-asyncoperation")


class Job(msgspec.Struct, kw_only=True):
    """A job: its id, the target (path and query) at which it is polled, and the numbers of its exchanges.

    `issued` is the exchange that issued it, None when the recording began later. `polls` are in their order.
    """

    id: str
    target: str
    issued: int | None
    polls: list[int] = msgspec.field(default_factory=list)

    @property
    def first(self) -> int:
        """The first of its exchanges."""
        return self.polls[0] if self.issued is None else self.issued


class Announcement(NamedTuple):
    """What a response says of the job that it created: its id, and the target of its polls, None where it is silent."""

    id: str
    target: str | None


class Candidate(NamedTuple):
    """A created resource that becomes a job when it is polled: its id, and the exchange that created it."""

    id: str
    exchange: int


class JobFinder:
    """Finds the jobs of one session, whose exchanges are added in their order."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._by_target: dict[str, Job] = {}
        self._ids: set[str] = set()
        self._by_id: dict[str, Job] = {}  # those that did not say where they are polled
        self._candidates: OrderedDict[str, Candidate] = OrderedDict()  # by an id, or by a target

    @property
    def jobs(self) -> list[Job]:
        """The jobs so far, in the order of their first exchanges."""
        return sorted(self._jobs, key=lambda job: job.first)

    def add(self, exchange: model.Exchange) -> Job | None:
        """Add the next exchange; returns the job that it issues or polls."""
        where = target(exchange.request.url)
        if exchange.request.method == "GET":
            job = self._by_target.get(where) or self._polled(exchange, where)
            if job is not None:
                job.polls.append(exchange.number)
                return job
        elif any(part in self._ids for part in parts(where)):
            return None  # it is about a known job, as one that cancels it
        found = announced(exchange)
        if found is None:
            self._remember(exchange)
            return None
        job = job_of(found, exchange)
        self._add_job(job, is_sure=found.target is not None)
        return job

    def _polled(self, exchange: model.Exchange, where: str) -> Job | None:
        """The job that a GET of a target asks for first; none of its polls was at this target."""
        if not (self._by_id or self._candidates):
            return None
        found = (self._job_of(part, exchange) for part in (where, *parts(where)))
        job = next((one for one in found if one is not None), None)
        if job is None:
            return None
        self._by_target[where] = job
        if not job.polls:
            job.target = where
        return job

    def _job_of(self, part: str, exchange: model.Exchange) -> Job | None:
        """The job of an id or a target, if the response to the GET of it is the state of one."""
        job, candidate = self._by_id.get(part), self._candidates.get(part)
        if job is not None:
            return job if state(exchange).known else None
        if candidate is None or not state(exchange).running:
            return None
        job = Job(id=candidate.id, target="", issued=candidate.exchange)
        self._add_job(job, is_sure=False)
        return job

    def _add_job(self, job: Job, *, is_sure: bool) -> None:
        """Add a job; `is_sure` says that it can be polled at its target only."""
        self._jobs.append(job)
        self._ids.add(job.id)
        if is_sure:
            self._by_target[job.target] = job
        else:
            self._by_id[job.id] = job

    def _remember(self, exchange: model.Exchange) -> None:
        for key, candidate in candidates(exchange):
            self._candidates[key] = candidate
            if len(self._candidates) > MOST_CANDIDATES:
                self._candidates.popitem(last=False)


def find_jobs(exchanges: Iterable[model.Exchange]) -> list[Job]:
    """The jobs among the exchanges of one session, in the order of their first exchanges."""
    finder = JobFinder()
    for exchange in exchanges:
        finder.add(exchange)
    return finder.jobs


def job_of(found: Announcement, exchange: model.Exchange) -> Job:
    """The job that a response announces, or that a request polls although none was seen to create it."""
    where = target(exchange.request.url)
    if exchange.request.method == "GET" and found.target == where:
        return Job(id=found.id, target=where, issued=None, polls=[exchange.number])
    usual = f"{path_and_query(exchange.request.url)[0].rstrip('/')}/{quote(found.id, safe='')}"
    return Job(id=found.id, target=found.target or usual, issued=exchange.number)


def announced(exchange: model.Exchange) -> Announcement | None:
    """The job that a response itself describes; None when it does not speak of one."""
    response = exchange.response
    if response is None or response.status >= 400:
        return None
    body, request = json_object(exchange.body), exchange.request
    if job_id := id_text(body.get("job_id")):
        given = text(body.get("polling_url"))
        where = resolved(request.url, given or f"/jobs/{quote(job_id, safe='')}")
        return None if where is None else Announcement(job_id, where)
    own_id = next((value for name, value in own_ids(body)), "")
    if request.method == "GET":
        where = target(request.url)
        polled = own_id in parts(where) and state(exchange).running
        return Announcement(own_id, where) if own_id and polled else None
    where = polled_at(exchange, body)
    if where is not None:
        return Announcement(own_id or last_segment(where), where)
    return Announcement(own_id, None) if own_id and state(exchange).running else None


def created(exchange: model.Exchange) -> Announcement | None:
    """What a response created, whether it says that this is a job or not; None when it created nothing."""
    found = announced(exchange)
    if found is None:
        return next((Announcement(one.id, None) for _, one in candidates(exchange)), None)
    return found


def polled_at(exchange: model.Exchange, body: dict[str, Any]) -> str | None:
    """The path and query at which a response says that its job is polled; None when it does not say."""
    assert exchange.response is not None
    headers, urls = exchange.response.headers, body.get("urls")
    named = [text(body.get(name)) for name in URL_NAMES]
    if isinstance(urls, dict):
        named.append(text(urls.get("get")))
    named += [first(headers, name) for name in OPERATION_HEADERS]
    if exchange.response.status == 202:
        named.append(first(headers, "location"))
    given = next(filter(None, named), "")
    return resolved(exchange.request.url, given) if given else None


def resolved(request_url: str, given: str) -> str | None:
    """The path and query of an url, absolute or relative to that of a request; None when it cannot be read."""
    try:
        return target(urldefrag(urljoin(request_url, given)).url)
    except ValueError:  # half an address, or a lone surrogate
        return None


def candidates(exchange: model.Exchange) -> Iterator[tuple[str, Candidate]]:
    """Yield the ids and targets by which later requests can ask for what a request other than GET created."""
    response, request = exchange.response, exchange.request
    if response is None or response.status >= 400 or request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    location = first(response.headers, "location")
    body = json_object(exchange.body)
    urls = [location, *url_leaves(body)]
    for where in (resolved(request.url, url) for url in urls if url):
        if where is not None:
            yield where, Candidate(last_segment(where), exchange.number)
    for _, value in (*own_ids(body), *(found for one in children(body) for found in own_ids(one))):
        yield value, Candidate(value, exchange.number)


def own_ids(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the names and values of the fields of an object that hold an id; `id` itself is the first."""
    names = sorted((name for name in body if ID_NAME.fullmatch(name)), key=lambda name: name != "id")
    for name in names[:MOST_LEAVES]:
        if value := id_text(body[name]):
            yield name, value
    operation = text(body.get("name"))
    if "/" in operation:
        yield "name", last_segment(operation)


def id_text(value: object) -> str:
    """An id as text; empty when the value is none."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def url_leaves(body: dict[str, Any]) -> Iterator[str]:
    """Yield the urls and absolute paths in an object, and in the objects directly in it."""
    leaves = (value for one in (body, *children(body)) for value in list(one.values())[:MOST_LEAVES])
    return (
        value
        for value in leaves
        if isinstance(value, str) and value.startswith(("http://", "https://", "/")) and " " not in value
    )


def children(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects directly in an object, MOST_LEAVES at most."""
    return [value for value in list(body.values())[:MOST_LEAVES] if isinstance(value, dict)]


def last_segment(where: str) -> str:
    """What stands behind the last slash of a path, decoded: `7` of `/jobs/7?full=1`."""
    return unquote(where.partition("?")[0].rstrip("/").rpartition("/")[2])


def parts(where: str) -> list[str]:
    """The segments of a target's path and the values of its query, decoded; the last segment first."""
    path, _, query = where.partition("?")
    segments = [unquote(segment) for segment in path.split("/") if segment]
    return [*segments[::-1], *(value for _, value in parse_qsl(query))]
