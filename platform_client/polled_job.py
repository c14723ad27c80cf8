"""Pattern 2 of the contract: polls a job and turns its states into the events of a stream."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin

import requests

from platform_client.body import UNREACHABLE, json_object
from platform_client.cancellation import Cancellation
from platform_client.client_limits import ClientLimits
from platform_client.cookie_log import COMMAND, Wording, log_sent
from platform_client.events import ClientEvent, ConversationError, event
from platform_client.failure_reason import failure_reason
from platform_client.response_status import check_status

log = logging.getLogger("platform_client")

SUCCEEDED = ("succeeded", "completed")


@dataclass(frozen=True)
class Polling:
    """How a job is polled: seconds between polls, for all of them, and for one; `wording` is that of the log."""

    interval: float
    max_time: float
    timeout: float
    wording: Wording = COMMAND

    @property
    def attempts(self) -> int:
        """How many polls there are at most."""
        # Without the rounding, 0.3 / 0.1 would be 2.
        return max(1, int(round(self.max_time / self.interval, 6)))


def polling_url(base: str, announcement: dict[str, Any]) -> str:
    """Where to poll: the url that the announcement names, relative or absolute, else `/jobs/<job_id>`.

    `base` is the url of the response that announces the job. Raises ConversationError when there is no job id.
    """
    job_id = announcement.get("job_id")
    if not isinstance(job_id, str | int) or job_id == "":
        raise ConversationError("Invalid job response: missing job_id")
    given = announcement.get("polling_url")
    try:
        path = given if isinstance(given, str) and given else f"/jobs/{quote(str(job_id), safe='')}"
        return urljoin(base, path)
    except ValueError as error:  # half an address, or a lone surrogate
        raise ConversationError(f"Job polling error: {error}") from error


def job_events(
    session: requests.Session, url: str, polling: Polling, limits: ClientLimits, cancellation: Cancellation
) -> Iterator[ClientEvent]:
    """Poll until the job ends. Raises ConversationError when it or a poll fails, or when time is up."""
    for attempt in range(1, polling.attempts + 1):
        if cancellation.asked:
            return
        state = poll(session, url, polling, attempt, limits, cancellation)
        progress = latest_progress(state)
        log.info("Job status: %s (%s%%)", state.get("status"), progress.get("progress", "?"))
        if progress:
            yield event("progress", progress)
        if state.get("status") in SUCCEEDED:
            log.info("✅ Job finished with status: %s", state["status"])
            yield result(state)
            return
        if state.get("status") == "failed":
            log.error("❌ Job finished with status: failed")
            raise ConversationError(failure(state))
        cancellation.pause(polling.interval)
    log.error("❌ Job polling timeout")
    raise ConversationError("Job polling timeout exceeded")


def poll(
    session: requests.Session,
    url: str,
    polling: Polling,
    attempt: int,
    limits: ClientLimits,
    cancellation: Cancellation,
) -> dict[str, Any]:
    """The state of a job, from the poll of this number. Raises ConversationError when the poll fails."""
    try:
        log_sent(session, url, polling.wording)
        log.info(polling.wording.poll_attempt, attempt, polling.attempts)
        response = session.get(url, timeout=polling.timeout, stream=True)
        with cancellation.guard(response):
            log.info("📥 Poll response status: %d", response.status_code)
            check_status(response)
            return json_object(response, cancellation, limits.json_body)
    except UNREACHABLE as error:
        raise ConversationError(f"Job polling error: {failure_reason(error)}") from error


def latest_progress(state: dict[str, Any]) -> dict[str, Any]:
    """The newest progress in a state: the last item where a server sends a list; empty when there is none."""
    progress = state.get("latest_progress") or state.get("progress")
    if isinstance(progress, list):
        progress = progress[-1] if progress else None
    return progress if isinstance(progress, dict) else {}


def result(state: dict[str, Any]) -> ClientEvent:
    """The result event of a finished job. Raises ConversationError when its state has no result."""
    if state.get("result") is None:
        raise ConversationError("Job polling error: the job finished without a result")
    return event("result", state["result"])


def failure(state: dict[str, Any]) -> str:
    """Why a job failed, in the server's words where its state has any."""
    error = state.get("error")
    if not error:
        return "Job failed"
    return error if isinstance(error, str) else json.dumps(error, ensure_ascii=False)
