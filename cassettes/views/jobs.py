"""Jobs: exchanges that belong together because one answer issued a job and later ones poll it.

An answer issues a job when it is a JSON object with a `job_id`. It is polled with GET where its `polling_url`
leads, absolute or relative, else at `/jobs/<job_id>`. Only path and query count: a recording may have been made
through a proxy. What a poll says is its *state*; names and words are those of the contract, and whatever else a
server sends is kept.
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
    """What one answer says of a job.

    `http` is the response's status, None when there was none; `status` the job's, "" when it says none;
    `progress` is in percent, as it is sent; `result` and `error` are JSON values, None when there is none.
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
        """Whether there is nothing to wait for: the job ended, or the server does not know it."""
        return self.status in ENDED or (self.http is not None and self.http >= 400)


class Job(msgspec.Struct, kw_only=True):
    """A job: its id, where it is polled (path and query), and the numbers of its exchanges.

    `issued` is None when the recording began after that. `polls` are in order.
    """

    id: str
    target: str
    issued: int | None
    polls: list[int] = msgspec.field(default_factory=list)


def find_jobs(exchanges: Iterable[model.Exchange]) -> list[Job]:
    """The jobs of one session, in the order in which they are first seen; each exchange is looked at once."""
    jobs: list[Job] = []
    by_target: dict[str, Job] = {}
    for exchange in exchanges:
        asked = target(exchange.request.url)
        known = by_target.get(asked) if exchange.request.method == "GET" else None
        if known is not None:
            known.polls.append(exchange.number)
        elif (job := issued(exchange)) is not None:
            jobs.append(job)
            by_target[job.target] = job
    return jobs


def issued(exchange: model.Exchange) -> Job | None:
    """The job that an answer issues, or polls without one having issued it; None when there is none."""
    response = exchange.response
    if response is None or response.status >= 400:
        return None
    answer = json_object(exchange.body)
    job_id = answer.get("job_id")
    if isinstance(job_id, bool) or not isinstance(job_id, str | int) or job_id == "":
        return None
    where = polled_at(exchange.request.url, str(job_id), answer.get("polling_url"))
    if where is None:
        return None
    if exchange.request.method == "GET" and target(exchange.request.url) == where:
        return Job(id=str(job_id), target=where, issued=None, polls=[exchange.number])
    return Job(id=str(job_id), target=where, issued=exchange.number)


def polled_at(asked: str, job_id: str, polling_url: object) -> str | None:
    """The path and query where a job is polled; None when its url cannot be read."""
    given = polling_url if isinstance(polling_url, str) and polling_url else f"/jobs/{quote(job_id, safe='')}"
    try:
        return target(urldefrag(urljoin(asked, given)).url)
    except ValueError:  # half an address, or a lone surrogate
        return None


def state(exchange: model.Exchange) -> JobState:
    """What an answer says of its job, as much as can be read."""
    answer = json_object(exchange.body)
    latest = latest_progress(answer)
    return JobState(
        http=None if exchange.response is None else exchange.response.status,
        status=text(answer.get("status")),
        step=text(latest.get("step")),
        message=text(latest.get("message")),
        progress=number(latest.get("progress")),
        result=answer.get("result"),
        error=answer.get("error"),
    )


def latest_progress(answer: dict[str, Any]) -> dict[str, Any]:
    """The newest progress, the last one where a server sends a list; a bare number is the percentage."""
    progress = answer.get("latest_progress") or answer.get("progress")
    if isinstance(progress, list):
        progress = progress[-1] if progress else None
    if number(progress) is not None:
        return {"progress": progress}
    return progress if isinstance(progress, dict) else {}


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is; an empty one when it is none."""
    try:
        value = _decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):  # ValueError: no UTF-8, or an endless number
        return {}
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    """A string, empty for anything else."""
    return value if isinstance(value, str) else ""


def number(value: object) -> float | None:
    """A number, None for anything else; true is none."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
