"""The target's clients: what a hostile target cannot make them do, and what the heartbeat case sees."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Callable
from contextlib import suppress

import pytest

from chatreel.conformance.case import Subjects
from chatreel.conformance.cases import performance
from chatreel.conformance.checked_conversation import Arrival, CheckedConversation
from chatreel.conformance.pass_criteria import Unmet
from chatreel.conformance.target import Target, endpoints
from foundation.clock import SECOND

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


class HastyClock:
    """Ten seconds pass whenever somebody looks."""

    def __init__(self) -> None:
        self.time = 0

    def now(self) -> int:
        self.time += 10 * SECOND
        return self.time

    def wall(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.time / SECOND, dt.UTC)

    def sleep(self, seconds: float) -> None:
        self.time += round(seconds * SECOND)


@pytest.fixture
def endless(raw_server: Callable[..., object], read_request: Callable[[socket.socket], bytes]) -> Target:
    """A target that sends events for ever, with a clock that soon has had enough."""

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        with suppress(OSError):
            connection.sendall(HEAD)
            while True:
                connection.sendall(b"event: heartbeat\ndata: {}\n\n")

    return Target(raw_server(talk).url, pace=0.01, clock=HastyClock())  # type: ignore[attr-defined]  # a RawServer


def test_a_stream_without_end_is_given_up(endless: Target) -> None:
    with pytest.raises(Unmet, match=r"^the answer ends: expected its end, found [0-9]+ events so far$"):
        endless.request_stream("test")


def test_a_body_without_end_is_given_up(endless: Target) -> None:
    with (
        endless.caller() as caller,
        pytest.raises(Unmet, match=r"it goes on after 16777216 bytes or 18 seconds$"),
    ):
        caller.post(endless.stream, {})


@pytest.mark.parametrize(
    ("url", "stream"),
    [
        ("http://bot:5000", "http://bot:5000/api/v1/stream"),
        ("http://bot:5000/", "http://bot:5000/api/v1/stream"),
        ("bot:5000", "http://bot:5000/api/v1/stream"),
        ("https://bot/v2/stream?key=1", "https://bot/v2/stream?key=1"),
        ("http://[::1]:5000", "http://[::1]:5000/api/v1/stream"),
    ],
)
def test_endpoints(url: str, stream: str) -> None:
    assert endpoints(url)[1] == stream


class Silent(Target):
    """A target whose events come with this silence before the last."""

    def __init__(self, seconds: int, *kinds: str) -> None:
        super().__init__("http://bot")
        data = {"response": "Done"}
        self._conversation = CheckedConversation(
            [Arrival(kind, data, seconds * SECOND * bool(place), 1) for place, kind in enumerate(kinds)]
        )

    def request_stream(self, *_: object, **__: object) -> CheckedConversation:
        return self._conversation


@pytest.mark.parametrize(
    "silent", [Silent(130, "progress", "heartbeat", "result"), Silent(1, "progress", "result")]
)
def test_a_long_silence_needs_a_heartbeat(silent: Silent) -> None:
    performance.heartbeat.run(Subjects(silent, None))


def test_a_long_silence_without_a_heartbeat_fails() -> None:
    with pytest.raises(Unmet, match=r"expected a heartbeat, found none in 130.000 s$"):
        performance.heartbeat.run(Subjects(Silent(130, "progress", "result"), None))
