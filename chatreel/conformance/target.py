"""The chatbot under test, and the clients that talk to it."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

import requests

from chatreel.cli.chatbot_urls import url_at
from chatreel.conformance.caller import LACKING, Caller, lacking
from chatreel.conformance.checked_conversation import CheckedConversation
from chatreel.conformance.pass_criteria import Unmet
from foundation.clock import SECOND, SYSTEM, Clock
from foundation.errors import ServerError, UsageError
from platform_client.body import UNREACHABLE
from platform_client.client import PlatformClient
from platform_client.events import ClientEvent
from platform_client.failure_reason import failure_reason

FASTEST, SLOWEST = 0.001, 100.0

SHORTEST_TIMEOUT = 5.0
"""Seconds: however fast the target plays, the machine that it runs on may be busy."""

LONGEST_RESPONSE = 1800.0
"""Seconds at pace 1 after which a response is given up; a stream could go on for ever."""

LARGEST_RESPONSE = 64 << 20
"""Characters of all events of a response together, each counted with OVERHEAD more."""

OVERHEAD = 1000

HEARTBEAT_AFTER = 120.0
"""Seconds at pace 1 without an event until the platform's client emits a heartbeat."""


class Target:
    """A chatbot at a url: its origin, or the url of its stream where that is not `/api/v1/stream`.

    `pace` is how long its second takes: 1 as documented, 0.01 when it plays a hundred times as fast; it scales
    the clients' time-outs, polls and heartbeats. Raises UsageError for a url or a pace that cannot be.
    """

    def __init__(self, url: str, *, pace: float = 1.0, clock: Clock = SYSTEM) -> None:
        if not FASTEST <= pace <= SLOWEST:  # written so that NaN fails too
            raise UsageError(f"--pace must be a factor from {FASTEST:g} to {SLOWEST:g}, not {pace:g}")
        self.origin, self.stream = endpoints(url)
        self.pace = pace
        self.clock = clock

    @property
    def jobs(self) -> str:
        """The url that creates a job."""
        return f"{self.stream}{'&' if '?' in self.stream else '?'}mode=job"

    def seconds(self, documented: float) -> float:
        """A time of the document in seconds, at the target's pace."""
        return documented * self.pace

    def timeout(self, documented: float) -> float:
        """A time-out of the document in seconds, at the target's pace; at least SHORTEST_TIMEOUT."""
        return max(self.seconds(documented), SHORTEST_TIMEOUT)

    @contextlib.contextmanager
    def caller(self) -> Iterator[Caller]:
        """A client that sends single requests."""
        with requests.Session() as session:
            yield Caller(session, self.origin, self.timeout(120), self.timeout(LONGEST_RESPONSE), self.clock)

    def reach(self) -> None:
        """Raise ServerError when nothing answers at all."""
        try:
            requests.get(
                f"{self.origin}/health", timeout=self.timeout(30), stream=True, allow_redirects=False
            ).close()
        except UNREACHABLE as error:
            raise ServerError(
                f"cannot reach {self.origin}: {failure_reason(error)}; is the chatbot running there?"
            ) from error

    def client(self, url: str, *, poll_interval: float = 2, max_poll_time: float = 300) -> PlatformClient:
        """The platform's client for a url; the intervals are in seconds of the document."""
        return PlatformClient(
            url,
            timeout=self.timeout(120),
            stream_timeout=self.timeout(300),
            poll_timeout=self.timeout(30),
            poll_interval=self.seconds(poll_interval),
            max_poll_time=self.seconds(max_poll_time),
            heartbeat_after=self.seconds(HEARTBEAT_AFTER),
            clock=self.clock,
        )

    def request_stream(
        self, query: str, history: Iterable[Mapping[str, str]] = (), *, endpoint: str = ""
    ) -> CheckedConversation:
        """Send a query as the platform does, and read the stream to its end.

        An `endpoint` such as `/error`, below the stream's url, is optional: raises Skipped when there is none.
        """
        parts = urlsplit(self.stream)
        url = parts._replace(path=parts.path + endpoint).geturl()
        with self.client(url) as client:
            conversation = self._read(client, client.send(query, history))
        if endpoint and conversation.status in LACKING:
            raise lacking("POST", url, conversation.status)
        return conversation

    def request_job(
        self, query: str, *, poll_interval: float = 2, max_poll_time: float = 300
    ) -> CheckedConversation:
        """Create a job as the platform does, and poll it until it ends; the times are seconds of the document."""
        with self.client(self.jobs, poll_interval=poll_interval, max_poll_time=max_poll_time) as client:
            return self._read(client, client.send(query, expect_job=True))

    def _read(self, client: PlatformClient, events: Generator[ClientEvent]) -> CheckedConversation:
        conversation = CheckedConversation()
        client.session.hooks["response"] = [lambda response, **_: conversation.responses.append(response)]
        until = self.clock.now() + round(self.timeout(LONGEST_RESPONSE) * SECOND)
        room = LARGEST_RESPONSE
        with contextlib.closing(events):
            for event in events:
                conversation.add(event, self.clock.now())
                room -= len(event.data) + OVERHEAD
                if self.clock.now() > until or room < 0:
                    raise Unmet("the answer ends", "its end", f"{len(conversation.arrivals)} events so far")
        return conversation


def endpoints(url: str) -> tuple[str, str]:
    """The origin of a target, and the url of its stream. Raises UsageError."""
    parts = url_at(url, "--target")
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin, origin + parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
