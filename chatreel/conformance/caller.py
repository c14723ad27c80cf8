"""A client without manners of its own, where the document uses curl: one request, one reply, cookies kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from chatreel.conformance.conversation import json_object
from chatreel.conformance.criteria import Skipped, Unmet, expect
from foundation.clock import SECOND, Clock
from platform_client.body import UNREACHABLE, chunks
from platform_client.cancellation import Cancellation
from platform_client.events import ConversationError
from platform_client.job import polling_url

LONGEST_BODY = 16 << 20
"""The longest body, in bytes."""

LACKING = (404, 405, 501)
"""How a target says that it has no such endpoint; the last is a replay's way."""

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
        """The JSON object in the body; an empty one when it is something else."""
        return json_object(self.body)

    def expect_ok(self, criterion: str) -> None:
        """Raise Unmet unless the request succeeded."""
        expect(criterion, 200 <= self.status < 300, "200 OK", f"{self.status} {self.reason}")


@dataclass(frozen=True)
class CreatedJob:
    """A job that was created: its id as a part of a url, where it is polled, and the reply that announced it."""

    id: str
    url: str
    reply: Reply


class Caller:
    """One client with a session of its own. `timeout` and `patience` (for a whole body) are seconds."""

    def __init__(
        self, session: requests.Session, origin: str, timeout: float, patience: float, clock: Clock
    ) -> None:
        self._session = session
        self._origin = origin
        self._timeout = timeout
        self._patience = patience
        self._clock = clock

    def get(self, url: str, *, optional: bool = False) -> Reply:
        """Ask for a path of the target, or a url."""
        return self._send("GET", url, optional=optional)

    def post(self, url: str, body: Any = None, *, data: bytes | None = None, optional: bool = False) -> Reply:
        """Send JSON, or `data` under the same name. Raises Skipped when an optional endpoint is lacking."""
        headers = {} if data is None else {"Content-Type": "application/json"}
        return self._send("POST", url, optional=optional, json=body, data=data, headers=headers)

    def create_job(self, url: str, query: str) -> CreatedJob:
        """Ask for a job. Raises Unmet when there is none."""
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
        """One poll of a job's url. Raises Unmet when it is refused."""
        reply = self.get(url)
        reply.expect_ok("each poll is answered")
        return reply.json

    def follow(self, job: CreatedJob, interval: float) -> Iterator[dict[str, Any]]:
        """The answers of polls, so many seconds apart, until the job has ended."""
        for _ in range(MOST_POLLS):
            answer = self.poll(job.url)
            yield answer
            if answer.get("status") in ENDED:
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
            raise Unmet(f"{method} {url} is answered", "a whole response", str(error)) from error
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
    """Why a case is skipped whose endpoint the target does not have."""
    return Skipped(f"the target has no {method} {url} ({status})")
