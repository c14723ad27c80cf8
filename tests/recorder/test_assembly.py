from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassettes import model
from cassettes.file.reader import Cassette
from cassettes.file.writer import CassetteWriter
from foundation.http.headers import Headers
from recorder.assembly import (
    LARGEST_BODY,
    MOST_HELD,
    TRANSITIONS,
    Assembly,
    Broken,
    EventsLost,
    ExchangeState,
    IllegalEvent,
    RequestData,
    RequestEnd,
    RequestHead,
    ResponseData,
    ResponseEnd,
    ResponseHead,
    SocketMessage,
    TrafficEvent,
)

JSON = (("content-type", "application/json"),)
GZIP = (("Content-Encoding", "gzip"),)
TWICE = (("content-encoding", "gzip"), ("Content-Encoding", "br"))


def asked(headers: Headers = ()) -> RequestHead:
    return RequestHead(1, "POST", "http://h/x", "1.1", headers)


def answered(at: int = 5, headers: Headers = ()) -> ResponseHead:
    return ResponseHead(at, 200, "OK", "1.1", headers)


def request(at: int, body: bytes = b"", **more: object) -> model.Request:
    fields = {"method": "POST", "url": "http://h/x", "http": "1.1", "headers": (), **more}
    return model.Request(exchange=7, at=at, body=body, **fields)  # type: ignore[arg-type]


def response(at: int = 5, **more: object) -> model.Response:
    return model.Response(exchange=7, at=at, status=200, reason="OK", **{"headers": (), **more})  # type: ignore[arg-type]


def chunk(at: int, data: bytes) -> model.Chunk:
    return model.Chunk(exchange=7, at=at, data=data)


def end(at: int, how: model.How = "complete", message: str = "", trailers: Headers = ()) -> model.End:
    return model.End(exchange=7, at=at, how=how, message=message, trailers=trailers)


def loss(at: int, reason: str, records: int = 0, size: int = 0) -> model.Loss:
    return model.Loss(at=at, reason=reason, records=records, bytes=size, exchange=7)


def run(
    *events: TrafficEvent, head: RequestHead | None = None, largest_body: int = LARGEST_BODY
) -> list[model.AnyRecord]:
    exchange = Assembly(7, head or asked(), largest_body=largest_body)
    return [record for event in events for record in exchange.feed(event)]


LATE = "request body that came after the response had begun"

SCRIPTS: dict[str, tuple[list[TrafficEvent], list[model.AnyRecord]]] = {
    "a whole exchange": (
        [
            RequestData(2, b"a"),
            RequestData(3, b"b"),
            RequestEnd(4),
            answered(),
            ResponseData(6, b"x"),
            ResponseData(7, b"y"),
            ResponseEnd(8),
        ],
        [request(4, b"ab"), response(), chunk(6, b"x"), chunk(7, b"y"), end(8)],
    ),
    "no bodies": ([RequestEnd(4), answered(), ResponseEnd(8)], [request(4), response(), end(8)]),
    "an early response": (
        [
            RequestData(2, b"a"),
            answered(),
            RequestData(6, b"bc"),
            RequestData(6, b"d"),
            RequestEnd(7),
            ResponseData(8, b"x"),
            ResponseEnd(9),
        ],
        [request(5, b"abcd"), response(), chunk(8, b"x"), end(9)],
    ),
    "an early response that ends first": (
        [answered(), RequestData(6, b"bc"), ResponseEnd(9), RequestData(10, b"d"), RequestEnd(11)],
        [request(5, b"bcd"), response(), end(9)],
    ),
    "broken while asking": (
        [RequestData(2, b"a"), Broken(3, "client-closed")],
        [request(3, b"a"), end(3, "client-closed")],
    ),
    "broken when asked": (
        [RequestEnd(2), Broken(3, "error", "refused")],
        [request(2), end(3, "error", "refused")],
    ),
    "broken while answering": (
        [RequestEnd(2), answered(), ResponseData(6, b"x"), Broken(9, "reset")],
        [request(2), response(), chunk(6, b"x"), end(9, "reset")],
    ),
    "broken during an upload that is answered already": (
        [answered(), RequestData(6, b"bc"), Broken(9, "client-closed")],
        [request(5, b"bc"), response(), end(9, "client-closed")],
    ),
    "a client that leaves once it has an early response": (
        [
            RequestData(2, b"a"),
            answered(),
            ResponseData(6, b"no"),
            ResponseEnd(7),
            Broken(9, "client-closed"),
        ],
        [
            request(5, b"a"),
            response(),
            chunk(6, b"no"),
            loss(9, "the request is not whole: its response was there before"),
            end(7),
        ],
    ),
    "an early response that is too large to be held back": (
        [
            RequestData(2, b"a"),
            answered(),
            ResponseData(6, b"x" * (MOST_HELD + 1)),
            RequestData(7, b"bc"),
            RequestData(7, b"d"),
            RequestEnd(8),
            ResponseEnd(9),
        ],
        [request(5, b"a"), response(), chunk(6, b"x" * (MOST_HELD + 1)), loss(8, LATE, 1, 3), end(9)],
    ),
    "one that ends before such a request": (
        [answered(), ResponseData(6, b"x" * (MOST_HELD + 1)), RequestData(7, b"bc"), ResponseEnd(9)],
        [request(5), response(), chunk(6, b"x" * (MOST_HELD + 1)), loss(9, LATE, 1, 2), end(9)],
    ),
    "messages of a WebSocket": (
        [RequestEnd(4), answered(), SocketMessage(6, "server", 1, b"hi"), ResponseEnd(8)],
        [
            request(4),
            response(),
            model.WebSocketMessage(exchange=7, at=6, sender="server", opcode=1, data=b"hi"),
            end(8),
        ],
    ),
    "trailers": (
        [RequestEnd(4), answered(), ResponseEnd(8, (("X-Sum", "1"),))],
        [request(4), response(), end(8, trailers=(("X-Sum", "1"),))],
    ),
    "something was missed": (
        [RequestEnd(2), answered(), EventsLost(6, 3, 40, "slow"), ResponseData(6, b"x"), ResponseEnd(7)],
        [request(2), response(), loss(6, "slow", 3, 40), chunk(6, b"x"), end(7)],
    ),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts(script):
    events, records = SCRIPTS[script]
    assert run(*events) == records


def test_the_scripts_take_every_transition():
    taken = set()
    for events, _ in SCRIPTS.values():
        exchange = Assembly(7, asked())
        for event in events:
            if not isinstance(event, EventsLost):
                taken.add((exchange.state, type(event)))
            exchange.feed(event)
    assert taken == set(TRANSITIONS)


PATHS: dict[ExchangeState, list[TrafficEvent]] = {
    ExchangeState.REQUEST_ARRIVING: [],
    ExchangeState.REQUEST_SENT: [RequestEnd(1)],
    ExchangeState.ANSWERED_EARLY: [answered()],
    ExchangeState.ENDED_EARLY: [answered(), ResponseEnd(1)],
    ExchangeState.RESPONDING: [RequestEnd(1), answered()],
    ExchangeState.ENDED: [RequestEnd(1), answered(), ResponseEnd(1)],
}
EVENTS: list[TrafficEvent] = [
    RequestData(9, b"x"),
    RequestEnd(9),
    answered(9),
    ResponseData(9, b"x"),
    SocketMessage(9, "client", 2, b"x"),
    ResponseEnd(9),
    Broken(9, "reset"),
]


@pytest.mark.parametrize("state", ExchangeState)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_what_the_table_lacks_is_illegal_and_changes_nothing(state, event):
    exchange = Assembly(7, asked())
    for before in PATHS[state]:
        exchange.feed(before)
    assert exchange.state is state
    if (state, type(event)) in TRANSITIONS:
        exchange.feed(event)
        assert exchange.state is TRANSITIONS[state, type(event)]
    else:
        with pytest.raises(IllegalEvent, match=f"{type(event).__name__} in state {state.name}"):
            exchange.feed(event)
        assert exchange.state is state


def test_a_request_body_beyond_the_bound_is_cut_and_counted():
    assert run(RequestData(2, b"abc"), RequestData(2, b"defgh"), RequestEnd(3), largest_body=4) == [
        request(3, b"abcd"),
        loss(3, "request body beyond the bound of a recording", 1, 4),
    ]


def test_the_largest_bodies_still_make_lines_that_readers_take(tmp_path):
    worst = b"\x00" * LARGEST_BODY  # each of which would be six characters in JSON
    with CassetteWriter.create(tmp_path / "worst.jsonl") as file:
        file.write([model.Header(version=1, created="", recorder=""), request(1), chunk(2, worst)])
    with Cassette.open(tmp_path / "worst.jsonl") as cassette:
        assert cassette.exchange(0).body == worst


@pytest.mark.parametrize(
    ("headers", "body", "expected", "encoding"),
    [
        (GZIP, gzip.compress(b"ask", mtime=0), b"ask", "gzip"),
        (TWICE, brotli.compress(gzip.compress(b"ask", mtime=0)), b"ask", "gzip, br"),
        (GZIP, b"no gzip", b"no gzip", ""),
        ((("content-encoding", "x-own"),), b"own", b"own", ""),
        (GZIP, b"", b"", ""),
        ((), b"ask", b"ask", ""),
    ],
)
def test_request_bodies_are_decoded_where_that_can_be_done(headers, body, expected, encoding):
    (record,) = run(RequestData(2, body), RequestEnd(3), head=asked(headers))
    assert record == request(3, expected, headers=headers, encoding=encoding)


def test_what_follows_a_coded_body_is_noted():
    packed = gzip.compress(b"answer")
    events = [RequestEnd(2), answered(5, GZIP), ResponseData(6, packed + b"twelve bytes"), ResponseEnd(8)]
    assert run(*events)[2:] == [
        chunk(6, b"answer"),
        loss(8, "12 bytes behind the end of the content coding"),
        end(8),
    ]


def test_response_bodies_are_decoded_chunk_by_chunk():
    packed = gzip.compress(b"answer")
    events = [RequestEnd(2), answered(5, GZIP), ResponseData(6, packed[:5]), ResponseData(7, packed[5:])]
    assert run(*events, ResponseEnd(8)) == [
        request(2),
        response(headers=GZIP, encoding="gzip"),
        chunk(6, b""),
        chunk(7, b"answer"),
        end(8),
    ]


def test_a_body_that_is_not_in_its_coding_goes_on_as_it_came():
    events = [RequestEnd(2), answered(5, GZIP), ResponseData(6, b"no gzip"), ResponseData(7, b"at all")]
    _, head, remark, first, second = run(*events)
    assert isinstance(head, model.Response)
    assert isinstance(remark, model.Loss)
    assert (remark.at, remark.records, remark.exchange) == (6, 0, 7)
    assert "not in its content encoding" in remark.reason
    assert (first, second) == (chunk(6, b"no gzip"), chunk(7, b"at all"))


@settings(max_examples=60, deadline=None)
@given(source=st.randoms(use_true_random=False), exchanges=st.integers(1, 5))
def test_any_walk_on_the_table_gives_a_readable_cassette(tmp_path_factory, source, exchanges):
    path: Path = tmp_path_factory.mktemp("walks") / "walk.jsonl"
    ongoing = {number: Assembly(number, asked()) for number in range(exchanges)}
    records: list[model.AnyRecord] = [model.Header(version=1, created="", recorder="")]
    said: dict[int, bytes] = dict.fromkeys(ongoing, b"")
    for at in range(60):
        if not ongoing:
            break
        number = source.choice(sorted(ongoing))
        exchange = ongoing[number]
        legal = [event for event in EVENTS if (exchange.state, type(event)) in TRANSITIONS]
        event = source.choice([*legal, EventsLost(9, 1, 5, "slow")])
        if isinstance(event, ResponseData):
            event = ResponseData(9, b"%d" % at)
            said[number] += event.data
        records += exchange.feed(event)
        if exchange.state is ExchangeState.ENDED:
            del ongoing[number]
    with CassetteWriter.create(path) as file:
        file.write(records)
    with Cassette.open(path) as cassette:
        assert not cassette.warnings
        for exchange_read in cassette.exchanges():
            assert exchange_read.body == said[exchange_read.request.exchange]
            ended = exchange_read.request.exchange not in ongoing
            assert (exchange_read.end.how != "unfinished") is ended
