"""Sends single requests where the document uses curl: one request, one reply, with the cookies kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from chatreel.conformance.checked_conversation import json_object
from chatreel.conformance.pass_criteria import Skipped, Unmet, expect
from foundation.clock import SECOND, Clock
from platform_client.body import UNREACHABLE, chunks
from platform_client.cancellation import Cancellation
from platform_client.events import ConversationError
from platform_client.failure_reason import failure_reason
from platform_client.polled_job import polling_url

LONGEST_BODY = 16 << 20
"""The longest body, in bytes."""

LACKING = (404, 405, 501)
"""The statuses with which a target says that it has no such endpoint; 501 is a replay's."""

ENDED = ("succeeded", "completed", "failed")
MOST_POLLS = 150


@dataclass(frozen=True)
class Reply:
    """A response, read to its end."""

    status: int
    reason: str
    cookies: list[str]
    """The values of its `Set-Cookie` headers."""
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object in the body; an empty one when it is anything else."""
        return json_object(self.body)

    def expect_ok(self, criterion: str) -> None:
        """Raise Unmet unless the request succeeded."""
        expect(criterion, 200 <= self.status < 300, "200 OK", f"{self.status} {self.reason}")


@dataclass(frozen=True)
class CreatedJob:
    """A job: its id, quoted for a url, the url where it is polled, and the reply that announced it."""

    id: str
    url: str
    reply: Reply


class Caller:
    """A client with a session of its own; `timeout` (for the head) and `patience` (for the body) are in seconds."""

    def __init__(
        self, session: requests.Session, origin: str, timeout: float, patience: float, clock: Clock
    ) -> None:
        self._session = session
        self._origin = origin
        self._timeout = timeout
        self._patience = patience
        self._clock = clock

    def get(self, url: str, *, optional: bool = False) -> Reply:
        """Send a GET request to a path of the target, or to a url. Raises Unmet when no whole response comes."""
        return self._send("GET", url, optional=optional)

    def post(self, url: str, body: Any = None, *, data: bytes | None = None, optional: bool = False) -> Reply:
        """Send a POST request with a JSON body, or with `data` as it is.

        Raises Unmet when no whole response comes, and Skipped when an optional endpoint is lacking.
        """
        headers = {} if data is None else {"Content-Type": "application/json"}
        return self._send("POST", url, optional=optional, json=body, data=data, headers=headers)

    def create_job(self, url: str, query: str) -> CreatedJob:
        """Send a request that creates a job. Raises Unmet when the reply announces none."""
        reply = self.post(url, {"query": query})
        reply.expect_ok("a job is created")
        try:
            where = polling_url(url, reply.json)
            return CreatedJob(quote(str(reply.json["job_id"]), safe=""), where, reply)
        except (ConversationError, ValueError) as error:  # ValueError: a lone surrogate
            raise Unmet(
                "the job's id is returned", "a job_id, and a polling_url or none", reply.body
            ) from error

    def poll(self, url: str) -> dict[str, Any]:
        """Poll a job once; returns its state. Raises Unmet when the poll is refused."""
        reply = self.get(url)
        reply.expect_ok("each poll is answered")
        return reply.json

    def follow(self, job: CreatedJob, interval: float) -> Iterator[dict[str, Any]]:
        """The states of a job from polls that are `interval` seconds apart, until it has ended."""
        for _ in range(MOST_POLLS):
            state = self.poll(job.url)
            yield state
            if state.get("status") in ENDED:
                return
            self._clock.sleep(interval)

    def _send(self, method: str, url: str, *, optional: bool, **request: Any) -> Reply:
        if url.startswith("/"):
            url = self._origin + url
        try:
            with self._session.request(
                method, url, stream=True, allow_redirects=False, timeout=self._timeout, **request
            ) as response:
                reply = self._read(response)
        except UNREACHABLE as error:
            raise Unmet(f"{method} {url} is answered", "a whole response", failure_reason(error)) from error
        if optional and reply.status in LACKING:
            raise lacking(method, url, reply.status)
        return reply

    def _read(self, response: requests.Response) -> Reply:
        until = self._clock.now() + round(self._patience * SECOND)
        body = bytearray()
        for chunk in chunks(response, Cancellation(self._clock)):
            body += chunk
            if len(body) > LONGEST_BODY or self._clock.now() > until:
                raise ValueError(f"it goes on after {LONGEST_BODY} bytes or {self._patience:g} seconds")
        cookies = response.raw.headers.getlist("set-cookie")
        return Reply(response.status_code, response.reason or "", cookies, bytes(body))


def lacking(method: str, url: str, status: int) -> Skipped:
    """The Skipped of a case whose endpoint the target does not have."""
    return Skipped(f"the target has no {method} {url} ({status})")
