"""The platform's client of a chatbot: sends a query and yields the events of the response."""

from __future__ import annotations

import datetime as dt
import email.utils
import functools
import logging
import math
from collections.abc import Generator, Iterable, Mapping
from types import TracebackType
from typing import Any, Self

import requests
from urllib3.exceptions import HTTPError

from foundation.clock import SYSTEM, Clock
from foundation.errors import UsageError
from platform_client.body import UNREACHABLE, json_object
from platform_client.cancellation import Cancellation
from platform_client.client_limits import UNCHANGED, ClientLimits
from platform_client.cookie_log import COMMAND, Wording, log_received
from platform_client.events import ClientEvent, ConversationError, error_event
from platform_client.failure_reason import failure_reason
from platform_client.polled_job import Polling, job_events, polling_url
from platform_client.reading import read_in_thread
from platform_client.response_status import check_status
from platform_client.sse_stream import stream_events

log = logging.getLogger("platform_client")

LONGEST = 7 * 24 * 3600.0
"""The longest wait that an option can have, in seconds."""


class PlatformClient:
    """Talks to one chatbot as one session; `session` keeps its cookies.

    All times are seconds: `timeout` for connecting and for the head of the first response, `stream_timeout`
    for the longest silence inside a stream, `poll_timeout` for one poll, `poll_interval` between polls,
    `max_poll_time` for all of them; after `heartbeat_after` without an event the client emits a heartbeat.
    `queue_size` events wait for a slow consumer, then the chatbot does. `wording` is that of the log. Raises
    UsageError for a number that cannot be.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 120.0,
        stream_timeout: float = 300.0,
        poll_timeout: float = 30.0,
        poll_interval: float = 2.0,
        max_poll_time: float = 300.0,
        heartbeat_after: float = 120.0,
        queue_size: int = 100,
        clock: Clock = SYSTEM,
        session: requests.Session | None = None,
        limits: ClientLimits = UNCHANGED,
        wording: Wording = COMMAND,
    ) -> None:
        self.url = url
        self.session = session or requests.Session()
        self._timeout = seconds("timeout", timeout)
        self._silence = seconds("stream_timeout", stream_timeout)
        self._polling = Polling(
            interval=seconds("poll_interval", poll_interval),
            max_time=seconds("max_poll_time", max_poll_time),
            timeout=seconds("poll_timeout", poll_timeout),
            wording=wording,
        )
        self._heartbeat_after = seconds("heartbeat_after", heartbeat_after)
        self._queue_size = queue_size
        self._clock = clock
        self._limits = limits

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept alive."""
        self.session.close()

    def send(
        self,
        query: str,
        history: Iterable[Mapping[str, str]] = (),
        *,
        auto_load_documents: bool = True,
        memory_enabled: bool = True,
        expect_job: bool = False,
    ) -> Generator[ClientEvent]:
        """Send a query, and yield the events of the response as they arrive.

        The request is sent when the generator is first advanced. Whatever goes wrong is reported as an `error`
        event, the last one. Close the generator to hang up early. With `expect_job` a stream is an error.
        """
        payload = {
            "query": query,
            "conversation_history": list(history),
            "auto_load_documents": auto_load_documents,
            "memory_enabled": memory_enabled,
        }
        produce = functools.partial(self.read, payload, expect_job=expect_job)
        return read_in_thread(produce, self._queue_size, self._heartbeat_after, self._clock)

    def read(
        self, payload: dict[str, Any], cancellation: Cancellation, *, expect_job: bool = False
    ) -> Generator[ClientEvent]:
        """The events of `send` in the caller's own thread: without a queue, and so without heartbeats of ours.

        `payload` is the JSON body of the request; another thread ends the work by the cancellation.
        """
        try:
            yield from self._response_events(payload, expect_job, cancellation)
        except ConversationError as error:
            yield error_event(str(error), error.retry_after)

    def _response_events(
        self, payload: dict[str, Any], expect_job: bool, cancellation: Cancellation
    ) -> Generator[ClientEvent]:
        with cancellation.guard(self._post(payload)) as response:
            kind = media_type(response)
            if kind == "text/event-stream" and not expect_job:
                yield from stream_events(response, self._silence, self._limits, cancellation, self._clock)
                return
            if kind != "application/json":
                raise ConversationError(f"Unexpected response type: {kind}")
            url = polling_url(response.url, job_announcement(response, cancellation, self._limits))
        log.info("Job created, polling %s", url)
        yield from job_events(self.session, url, self._polling, self._limits, cancellation)

    def _post(self, payload: dict[str, Any]) -> requests.Response:
        log.debug("POST %s %s", self.url, payload)
        try:
            response = self.session.post(self.url, json=payload, stream=True, timeout=self._timeout)
        except UNREACHABLE as error:
            raise ConversationError(f"Failed to connect to chatbot: {failure_reason(error)}") from error
        log.debug("%d %s %s", response.status_code, response.reason, response.headers)
        log_received(response, self.session, self._polling.wording)
        try:
            check_status(response)
        except requests.HTTPError as error:
            response.close()
            raise ConversationError(
                f"Failed to connect to chatbot: {error}", retry_after=retry_after(response, self._clock)
            ) from error
        return response


def media_type(response: requests.Response) -> str:
    """The response's content type in lower case, without parameters; empty when there is none."""
    return str(response.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


def retry_after(response: requests.Response, clock: Clock) -> int | None:
    """The seconds that the server asks to wait (RFC 9110, 10.2.3: a number or a date); None when it does not."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return min(int(text[:9]), round(LONGEST))
    try:
        date = email.utils.parsedate_to_datetime(text)
        wait = date.astimezone(dt.UTC) - clock.wall().astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return min(max(0, math.ceil(wait.total_seconds())), round(LONGEST))


def job_announcement(
    response: requests.Response, cancellation: Cancellation, limits: ClientLimits
) -> dict[str, Any]:
    """The JSON object that announces a job; an empty one when the body is anything else."""
    try:
        return json_object(response, cancellation, limits.json_body)
    except ValueError as error:
        log.error("❌ Invalid job response: %s", error)  # noqa: TRY400 - the server's fault, so no traceback
        return {}
    except HTTPError as error:
        raise ConversationError(f"Failed to connect to chatbot: {failure_reason(error)}") from error


def seconds(name: str, value: float) -> float:
    """The value of the option `name`, in seconds. Raises UsageError when it is no time to wait."""
    if not 0 < value <= LONGEST:  # written so that NaN fails too
        raise UsageError(f"{name} must be more than 0 and at most {LONGEST:g} seconds, not {value:g}")
    return value
