from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings.sse import Decoder
from cassettes.model import Chunk, End, Exchange, Request, Response
from cassettes.views.rest_of_stream import rest_of_stream

EVENTS = [
    b"retry: 10\nid: 1\ndata: a\n\n",
    b": note\n\n",
    b"id: 2\ndata: b\n\n",
    b"data: c\n\n",
    b"id: 3\ndata: d\n\n",
]


def stream(*chunks: bytes, kind="text/event-stream", headers=()) -> Exchange:
    return Exchange(
        number=0,
        request=Request(exchange=0, at=100, method="GET", url="http://h/s", http="1.1", headers=()),
        response=Response(
            exchange=0, at=150, status=200, reason="OK", headers=(("Content-Type", kind), *headers)
        ),
        chunks=tuple(Chunk(exchange=0, at=200 * n, data=data) for n, data in enumerate(chunks, 1)),
        end=End(exchange=0, at=200 * (len(chunks) + 1), how="complete"),
    )


@pytest.mark.parametrize(
    ("last_id", "left"),
    [("1", EVENTS[1:]), ("2", EVENTS[3:]), ("3", []), ("4", None), ("", None), ("a", None)],
)
def test_what_comes_after_the_event_of_an_id(last_id, left):
    rest = rest_of_stream(stream(*EVENTS), last_id)
    assert (None if rest is None else [chunk.data for chunk in rest.chunks]) == left


def test_it_comes_as_long_after_the_head_as_it_came_after_the_event():
    rest = rest_of_stream(stream(*EVENTS), "2")
    assert (rest.response.at, [chunk.at for chunk in rest.chunks], rest.end.at) == (150, [350, 550], 750)


def test_a_chunk_is_cut_within():
    rest = rest_of_stream(
        stream(b"".join(EVENTS[:3]) + b"data: ", b"c\n\n", headers=(("Content-Length", "99"),)), "1"
    )
    assert [(chunk.at, chunk.data) for chunk in rest.chunks] == [
        (150, b": note\n\nid: 2\ndata: b\n\ndata: "),
        (350, b"c\n\n"),
    ]
    assert dict(rest.response.headers)["Content-Length"] == str(len(rest.body))


def test_another_type_has_no_rest():
    assert rest_of_stream(stream(b'{"id": 1}', kind="application/json"), "1") is None


@given(st.lists(st.integers(1, 60), max_size=6))
def test_a_client_that_resumes_gets_every_event_once_at_any_split(cuts):
    body = b"".join(EVENTS)
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    pieces = [body[one:other] for one, other in pairwise(edges) if one < other]
    rest = rest_of_stream(stream(*pieces), "1")
    assert rest.body == b"".join(EVENTS[1:])
    assert [event.data for event in Decoder().feed(rest.body) if event.dispatched] == ["b", "c", "d"]
