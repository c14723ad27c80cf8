from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings.event import Event
from cassettes.model import Chunk, End, Exchange, Response
from cassettes.views.timeline import Moment, events, is_event_stream, timeline
from tests.cassettes.recorded import chunk, end, request, response


def exchange(*chunks: Chunk, answer: Response | None = None, ended: End | None = None) -> Exchange:
    return Exchange(
        number=0,
        request=request(at=1000),
        response=answer or response(at=1100),
        chunks=chunks,
        end=ended or end(at=2000),
    )


def test_a_stream_is_its_events_at_the_times_of_the_chunks_that_completed_them() -> None:
    stream = exchange(
        chunk(at=1200, data=b": beat\n\nid: 4\nevent: pro"),
        chunk(at=1300, data=b"gress\nretry: 9\ndata: a\n\ndata: b\n\n"),
        chunk(at=1400, data=b"data: cut"),
    )
    assert timeline(stream) == [
        Moment(at=100, gap=100, what="head", name="200 OK"),
        Moment(at=200, gap=100, what="event", name="message", dispatched=False, comments=("beat",)),
        Moment(at=300, gap=100, what="event", name="progress", data="a", id="4", retry=9),
        Moment(at=300, gap=0, what="event", name="message", data="b", id="4"),
        Moment(at=1000, gap=700, what="event", name="message", data="cut", id="4", dispatched=False),
        Moment(at=1000, gap=0, what="end", name="complete"),
    ]
    assert list(events(stream))[-1].cut


def test_any_other_response_is_its_chunks() -> None:
    answer = response(at=1100, media_type="application/json")
    other = exchange(chunk(at=1200, data=b'{"a":'), chunk(at=1300, data=b"\xff}"), answer=answer)
    assert not is_event_stream(other)
    assert [(moment.what, moment.name, moment.data) for moment in timeline(other)[1:-1]] == [
        ("chunk", "5 bytes", '{"a":'),
        ("chunk", "2 bytes", "�}"),
    ]


def test_a_stream_of_another_framing_is_its_events() -> None:
    answer = response(at=1100, media_type="application/json")
    stream = exchange(chunk(at=1200, data=b'{"a": 1}\n{"a'), chunk(at=1300, data=b'": 2}\n'), answer=answer)
    assert is_event_stream(stream)
    assert [(moment.at, moment.what, moment.data) for moment in timeline(stream)[1:-1]] == [
        (200, "event", '{"a": 1}'),
        (300, "event", '{"a": 2}'),
    ]


def test_a_request_without_answer_has_but_an_end() -> None:
    ended = End(exchange=0, at=3000, how="error", message="refused")
    silent = Exchange(number=0, request=request(at=1000), response=None, chunks=(), end=ended)
    assert not is_event_stream(silent)
    assert timeline(silent) == [Moment(at=2000, gap=2000, what="end", name="error", data="refused")]


def test_a_head_without_reason_is_its_status() -> None:
    answer = Response(exchange=0, at=1100, status=204, reason="", headers=())
    assert timeline(exchange(answer=answer))[0].name == "204"


@given(st.lists(st.integers(1, 30)))
def test_the_events_do_not_depend_on_the_chunks(sizes: list[int]) -> None:
    stream = "event: progress\r\ndata: né\r\n\r\n: beat\n\ndata: 2\n\ndata: c".encode()
    chunks, rest = [], stream
    for size in sizes:
        chunks.append(chunk(data=rest[:size]))
        rest = rest[size:]
    seen = events(exchange(*chunks, chunk(data=rest)))
    assert [(event.type, event.data, event.dispatched) for event in seen] == [
        ("progress", "né", True),
        ("message", "", False),
        ("message", "2", True),
        ("message", "c", False),
    ]


def test_events_are_those_of_the_codec() -> None:
    assert list(events(exchange(chunk(at=7, data=b"data: a\n\n")))) == [Event(data="a", at=7)]
