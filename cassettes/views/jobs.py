"""Finds jobs: exchanges that belong together because one response issued a job and later requests poll it.

A response issues a job when it is a JSON object with a `job_id`. The job is polled with GET where its `polling_url`
leads, absolute or relative, else at `/jobs/<job_id>`. Only path and query count, because a recording may have been
made through a proxy. The response to a poll tells the job's *state*; unknown fields in it are ignored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urldefrag, urljoin

import msgspec

from cassettes import model
from foundation.http.urls import target

SUCCEEDED = frozenset({"succeeded", "completed"})
ENDED = SUCCEEDED | {"failed"}

_decode = msgspec.json.Decoder().decode


class JobState(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a job in one response.

    `http` is the status of the response, None when there was none, and `status` that of the job, "" when the response
    names none. `progress` is in percent. `result` and `error` are JSON values, None when there is none.
    """

    http: int | None = None
    status: str = ""
    step: str = ""
    message: str = ""
    progress: float | None = None
    result: Any = None
    error: Any = None

    @property
    def ended(self) -> bool:
        """Whether polling is over: the job ended, or the server does not know it."""
        return self.status in ENDED or (self.http is not None and self.http >= 400)


class Job(msgspec.Struct, kw_only=True):
    """A job: its id, the target (path and query) at which it is polled, and the numbers of its exchanges.

    `issued` is the exchange that issued it, None when the recording began later. `polls` are in their order.
    """

    id: str
    target: str
    issued: int | None
    polls: list[int] = msgspec.field(default_factory=list)


def find_jobs(exchanges: Iterable[model.Exchange]) -> list[Job]:
    """The jobs among the exchanges of one session, in the order of their first exchanges."""
    jobs: list[Job] = []
    by_target: dict[str, Job] = {}
    for exchange in exchanges:
        known = by_target.get(target(exchange.request.url)) if exchange.request.method == "GET" else None
        if known is not None:
            known.polls.append(exchange.number)
        elif (job := issued(exchange)) is not None:
            jobs.append(job)
            by_target[job.target] = job
    return jobs


def issued(exchange: model.Exchange) -> Job | None:
    """The job that a response issues, or that a request polls although none was seen to issue it; None without one."""
    response = exchange.response
    if response is None or response.status >= 400:
        return None
    body = json_object(exchange.body)
    job_id = body.get("job_id")
    if isinstance(job_id, bool) or not isinstance(job_id, str | int) or job_id == "":
        return None
    where = polled_at(exchange.request.url, str(job_id), body.get("polling_url"))
    if where is None:
        return None
    if exchange.request.method == "GET" and target(exchange.request.url) == where:
        return Job(id=str(job_id), target=where, issued=None, polls=[exchange.number])
    return Job(id=str(job_id), target=where, issued=exchange.number)


def polled_at(request_url: str, job_id: str, polling_url: object) -> str | None:
    """The path and query at which a job is polled; None when its polling url cannot be read."""
    given = polling_url if isinstance(polling_url, str) and polling_url else f"/jobs/{quote(job_id, safe='')}"
    try:
        return target(urldefrag(urljoin(request_url, given)).url)
    except ValueError:  # half an address, or a lone surrogate
        return None


def state(exchange: model.Exchange) -> JobState:
    """The state of the job in the response of an exchange, as far as it can be read."""
    body = json_object(exchange.body)
    latest = latest_progress(body)
    return JobState(
        http=None if exchange.response is None else exchange.response.status,
        status=text(body.get("status")),
        step=text(latest.get("step")),
        message=text(latest.get("message")),
        progress=number(latest.get("progress")),
        result=body.get("result"),
        error=body.get("error"),
    )


def latest_progress(body: dict[str, Any]) -> dict[str, Any]:
    """The newest progress as an object; of a list the last one, and of a bare number that percentage."""
    progress = body.get("latest_progress") or body.get("progress")
    if isinstance(progress, list):
        progress = progress[-1] if progress else None
    if number(progress) is not None:
        return {"progress": progress}
    return progress if isinstance(progress, dict) else {}


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; an empty one when the body is anything else."""
    try:
        value = _decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):  # ValueError: no UTF-8, or an endless number
        return {}
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    """The value when it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def number(value: object) -> float | None:
    """The value when it is a number, else None; true and false are not numbers."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
