"""Clients that reconnect to an event stream, and pages of other origins, on the wire."""

from __future__ import annotations

import pytest

from replayer.forwarding.miss_policy import MissPolicy
from replayer.responder import ReplayOptions
from replayer.selection.selector import SelectionRules

EVENTS = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
STREAM = [(10, b"id: 1\ndata: a\n\n"), (20, b"id: 2\ndata: b\n\n"), (30, b"id: 3\ndata: c\n\n")]


@pytest.fixture
def connect(replay, make_exchange):
    """Connects as an event source does; gives the status and the data of the events."""

    def start(*streams, **options):
        server = replay(
            *(make_exchange(chunks, EVENTS, url="http://bot.example/s") for chunks in streams or [STREAM]),
            options=ReplayOptions(**options),
        )

        def ask(last_id="", *headers):
            lines = [f"Last-Event-ID: {last_id}"] * bool(last_id) + list(headers)
            answer = server.ask("\r\n".join(["GET /s HTTP/1.0", *lines, "", ""]).encode())
            body = answer.partition(b"\r\n\r\n")[2]
            data = [line[6:].decode() for line in body.splitlines() if line.startswith(b"data: ")]
            return int(answer.split()[1]), data

        return ask

    return start


@pytest.mark.parametrize(
    ("last_id", "expected"),
    [("1", (200, ["b", "c"])), ("2", (200, ["c"])), ("3", (200, [])), ("9", (200, ["a", "b", "c"]))],
)
def test_a_client_goes_on_behind_the_last_event_that_it_got(connect, last_id, expected):
    ask = connect()
    assert ask() == (200, ["a", "b", "c"])
    assert ask(last_id) == expected
    assert ask() == (200, ["a", "b", "c"])


def test_it_goes_on_in_the_stream_that_has_the_id(connect):
    ask = connect(STREAM, [(0, b"id: 4\ndata: d\n\n"), (1, b"id: 5\ndata: e\n\n")])
    assert ask("2") == (200, ["c"])
    assert ask("4") == (200, ["e"])


def test_a_recorded_reconnection_wins(replay, make_exchange):
    first = make_exchange(STREAM, EVENTS, url="http://bot.example/s")
    again = make_exchange([(0, b"id: 3\ndata: recorded\n\n")], EVENTS, url="http://bot.example/s")
    asked = again.request.__class__(
        **{name: getattr(again.request, name) for name in again.request.__struct_fields__}
        | {"headers": (("Last-Event-ID", "2"),)}
    )
    again = again.__class__(
        **{name: getattr(again, name) for name in again.__struct_fields__} | {"request": asked}
    )
    server = replay(first, again)
    answer = server.ask(b"GET /s HTTP/1.0\r\nLast-Event-ID: 2\r\n\r\n")
    assert answer.endswith(b"\r\n\r\nid: 3\ndata: recorded\n\n")


def test_nothing_is_left(connect):
    ask = connect(rules=SelectionRules(resume="204"))
    assert ask("2") == (200, ["c"])
    assert ask("3") == (204, [])
    assert ask() == (200, ["a", "b", "c"])


def test_it_can_be_switched_off(connect):
    assert connect(rules=SelectionRules(resume="off"))("2") == (200, ["a", "b", "c"])


def headers(answer: bytes) -> dict[str, str]:
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return dict(line.split(": ", 1) for line in lines)


PAGE = "http://localhost:5173"
PREFLIGHT = (
    f"OPTIONS /s HTTP/1.1\r\nHost: h\r\nOrigin: {PAGE}\r\nAccess-Control-Request-Method: POST\r\n"
    "Access-Control-Request-Headers: content-type\r\nConnection: close\r\n\r\n"
).encode()


def test_a_page_of_another_origin(replay, make_exchange):
    recorded = make_exchange(
        STREAM, (*EVENTS, ("Access-Control-Allow-Origin", "https://x.example")), url="http://b/s"
    )
    server = replay(recorded, options=ReplayOptions(cors=True), misses=MissPolicy())
    allowed = server.ask(PREFLIGHT)
    assert allowed.startswith(b"HTTP/1.1 204 ")
    assert headers(allowed)["Access-Control-Allow-Headers"] == "content-type"
    for path, status in (("/s", 200), ("/missed", 501)):
        answer = server.ask(f"GET {path} HTTP/1.0\r\nOrigin: {PAGE}\r\n\r\n".encode())
        assert int(answer.split()[1]) == status
        assert answer.count(b"Access-Control-Allow-Origin") == 1
        assert headers(answer)["Access-Control-Allow-Origin"] == PAGE
    plain = server.ask(b"GET /s HTTP/1.0\r\n\r\n")
    assert headers(plain)["Access-Control-Allow-Origin"] == "https://x.example"


def test_without_cors_a_preflight_is_a_request_as_any_other(replay, make_exchange):
    server = replay(make_exchange(STREAM, EVENTS, url="http://b/s"))
    assert server.ask(PREFLIGHT).startswith(b"HTTP/1.1 501 ")
