"""Reads the state of a job from one response, whatever the chatbot's words for it are.

{"status": "running", "latest_progress": {"progress": 40}}       running, 40 %
{"id": "resp_1", "status": "in_progress"}                        in_progress (OpenAI)
{"status": {"state": "working"}}                                 working (A2A)
{"name": "operations/1", "done": false}                          running (Google)
{"properties": {"provisioningState": "Succeeded"}}               Succeeded (Azure)
202 with any body, or with a `Retry-After`                       accepted
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from cassettes import model
from foundation.http.headers import first

RUNNING = frozenset(
    [
        "accepted",
        "awaiting",
        "cancelling",
        "canceling",
        "enqueued",
        "executing",
        "finalizing",
        "generating",
        "initialized",
        "initializing",
        "inprogress",
        "inqueue",
        "notstarted",
        "ongoing",
        "pending",
        "planning",
        "preparing",
        "processing",
        "progress",
        "queued",
        "received",
        "retry",
        "retrying",
        "running",
        "scheduled",
        "starting",
        "started",
        "submitted",
        "training",
        "uploading",
        "validating",
        "waiting",
        "working",
    ]
)
PAUSED = frozenset({"authrequired", "inputrequired", "requiresaction", "requiresinput"})
SUCCEEDED = frozenset(
    [
        "complete",
        "completed",
        "done",
        "ended",
        "finished",
        "processed",
        "ready",
        "succeeded",
        "success",
        "successful",
    ]
)
FAILED = frozenset(
    [
        "abort",
        "aborted",
        "cancelled",
        "canceled",
        "crashed",
        "dead",
        "error",
        "errored",
        "expired",
        "fail",
        "failed",
        "failure",
        "incomplete",
        "killed",
        "rejected",
        "revoked",
        "stopped",
        "terminated",
        "timedout",
        "timeout",
    ]
)
"""The words of jobs that go on, wait for their client, and ended in either way, as `plain_word` spells them."""

ACCEPTED = "accepted"
"""The status of a job in a response with status 202 that names none (RFC 9110, 15.3.3)."""

STATUS_NAME = re.compile(r"(?:.*[_a-z])?(?:[Ss]tatus|[Ss]tate)|status|state|phase")
WRAPPERS = ("status", "data", "job", "task", "run", "operation", "prediction", "properties", "metadata")
"""The objects in which servers put the state of a job."""

PERCENTS = ("percent", "percentage", "percent_complete", "percentComplete", "progress_percent")

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
    def failed(self) -> bool:
        """Whether the server has no such job, or could not say."""
        return self.http is not None and self.http >= 400

    @property
    def running(self) -> bool:
        """Whether the job goes on, by a word that is known."""
        return not self.failed and plain_word(self.status) in RUNNING

    @property
    def paused(self) -> bool:
        """Whether the job waits for its client."""
        return not self.failed and plain_word(self.status) in PAUSED

    @property
    def succeeded(self) -> bool:
        """Whether the job ended well; one that was `accepted` before did so where its result is there in its place."""
        return not self.failed and (plain_word(self.status) in SUCCEEDED or self._is_result)

    @property
    def ended(self) -> bool:
        """Whether polling is over: the job ended, or the server does not know it."""
        return self.failed or self.succeeded or plain_word(self.status) in FAILED

    @property
    def known(self) -> bool:
        """Whether the response says how far the job is, in words that are known or by its status."""
        return self.running or self.paused or (self.ended and self.status != "")

    @property
    def _is_result(self) -> bool:
        return self.http is not None and not self.status and self.progress is None


def plain_word(word: str) -> str:
    """A status in the spelling of the sets above: `In-Progress`, `IN_PROGRESS` and `inProgress` are `inprogress`."""
    return re.sub(r"[-_ ]", "", word).lower() if word else ""


def state(exchange: model.Exchange) -> JobState:
    """The state of the job in the response of an exchange, as far as it can be read."""
    body, response = json_object(exchange.body), exchange.response
    latest = latest_progress(body)
    status = status_of(body)
    if not status and response is not None and is_accepted(response):
        status = ACCEPTED
    return JobState(
        http=None if response is None else response.status,
        status=status,
        step=text(latest.get("step")),
        message=text(latest.get("message")),
        progress=number(latest.get("progress")),
        result=body.get("result", body.get("output")),
        error=body.get("error") or body.get("last_error"),
    )


def is_accepted(response: model.Response) -> bool:
    """Whether a response says only that the work goes on: 202, or 200 with a `Retry-After`."""
    return response.status == 202 or (response.status == 200 and first(response.headers, "retry-after") != "")


def status_of(body: dict[str, Any]) -> str:
    """The status of the job that a response describes, in the server's own word; "" when there is none."""
    return next(status_words(body), "")


def status_words(body: dict[str, Any]) -> Iterator[str]:
    """Yield what may be the status, the likeliest first."""
    place = status_place(body)
    if place is not None:
        yield text(place[0][place[1]])
    if isinstance(done := body.get("done"), bool):
        yield "failed" if done and body.get("error") else "succeeded" if done else "running"


def status_place(body: dict[str, Any]) -> tuple[dict[str, Any], str] | None:
    """The object that has the status of a job, and its key there; None when there is none.

    It is a string under `status`, whatever it says, or else one that is known under a name such as `runStatus`.
    """
    if text(body.get("status")):
        return body, "status"
    for holder in (body, *(one for name in WRAPPERS if isinstance(one := body.get(name), dict))):
        for name, value in holder.items():
            if isinstance(value, str) and STATUS_NAME.fullmatch(name) and is_known_word(value):
                return holder, name
    return None


def is_known_word(status: str) -> bool:
    """Whether a word is one of those of jobs."""
    return plain_word(status) in RUNNING | PAUSED | SUCCEEDED | FAILED


def latest_progress(body: dict[str, Any]) -> dict[str, Any]:
    """The newest progress as an object; of a list the last one, and of a bare number that percentage."""
    progress = body.get("latest_progress") or body.get("progress")
    if isinstance(progress, list):
        progress = progress[-1] if progress else None
    if progress is None:
        progress = next((body[name] for name in PERCENTS if name in body), None)
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
