from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings.aws_event_stream import AWS_EVENT_STREAM, frame, string
from cassettes.framings.delimited import CODED_LINES, JSON_LINES, NUL_SEPARATED
from cassettes.framings.json_sequence import JSON_SEQUENCE
from cassettes.framings.multipart import Multipart
from cassettes.framings.recognition import MOST_SNIFFED, Recognition, StreamDecoder
from cassettes.framings.sse import SSE

AWS = frame([string(":event-type", "chunk")], b'{"a":1}')

TOLD = [
    ("text/event-stream; charset=utf-8", SSE),
    ("Application/X-NDJSON", JSON_LINES),
    ("application/jsonl", JSON_LINES),
    ("application/json-seq", JSON_SEQUENCE),
    ("application/vnd.amazon.eventstream", AWS_EVENT_STREAM),
    ("text/html", None),
    ("multipart/mixed", None),
    ("multipart/form-data; boundary=x", None),
]

SNIFFED = {
    b"data: 1\n\n": SSE,
    b"\xef\xbb\xbf\r\nevent: a\r\ndata: {}\r\n\r\n": SSE,
    b": hello\n\ndata: 1\n\n": SSE,
    b"id: 7\rdata: x\r\r": SSE,
    b'{"a": 1}\n{"a": 2}\n': JSON_LINES,
    b'{"a": 1}\r\n\r\n{"a"': JSON_LINES,
    b'{"a": 1}\0{"a": 2}\0': NUL_SEPARATED,
    b'{"a": 1}\0': NUL_SEPARATED,
    b'\x1e{"a": 1}\n': JSON_SEQUENCE,
    b'0:"Hel"\n': CODED_LINES,
    b'f:{"messageId":"m"}\n0:"Hel"\n': CODED_LINES,
    AWS: AWS_EVENT_STREAM,
}

NO_STREAM = [
    b"",
    b"\n",
    b'{"a": 1}',
    b'{"a": 1}\n',
    b'{\n  "a": 1\n}\n',
    b'{"a": 1}\nand more',
    b'[{"a": 1}]\n',
    b"Hello\n\nworld",
    b"data: 1\n",
    b"data: 1\nof 1999\n\n",
    b"database: 1\n\n",
    b"id: 1\n\nid: 2\n\n",
    b": only\n\n: comments\n\n",
    b"e",
    b"1: first\n2: second\n",
    b"\x1ehello",
    b"\0" * 40,
]


def headers(media, **more):
    return (("Content-Type", media), *more.items())


def found(media, body):
    recognition = Recognition(headers(media))
    recognition.feed(body)
    recognition.end()
    return recognition.framing


@pytest.mark.parametrize(("media", "framing"), TOLD)
def test_a_media_type_tells_without_the_body(media, framing):
    recognition = Recognition(headers(media))
    assert (recognition.decided, recognition.framing) == (True, framing)


def test_headers_tell_the_boundary_and_coded_lines():
    assert isinstance(Recognition(headers('multipart/mixed; boundary="a b"')).framing, Multipart)
    assert isinstance(Recognition(headers("multipart/mixed; BOUNDARY=-")).framing, Multipart)
    assert Recognition((("X-Vercel-AI-Data-Stream", "v1"),)).framing is CODED_LINES


@pytest.mark.parametrize("media", ["text/plain", "application/json", "application/octet-stream", ""])
@pytest.mark.parametrize("body", SNIFFED)
def test_a_body_tells_where_the_type_does_not(media, body):
    assert found(media, body) is SNIFFED[body]


@pytest.mark.parametrize("body", NO_STREAM)
def test_a_plain_body_is_no_stream(body):
    assert found("text/plain", body) is None


@pytest.mark.parametrize("body", SNIFFED)
def test_types_that_say_what_they_are_are_believed(body):
    assert found("text/html", body) is None
    assert found("image/png", body) is None


@pytest.mark.parametrize("body", [b"<html>", b"Hello", b"[1", b'{\n "a"', b"datum", b"\x89PNG"])
def test_what_is_no_stream_is_known_soon(body):
    recognition = Recognition(headers("text/plain"))
    recognition.feed(body)
    assert (recognition.decided, recognition.framing) == (True, None)


def test_only_the_beginning_is_looked_at():
    recognition = Recognition(headers("application/json"))
    recognition.feed(b'{"a": "' + b"x" * MOST_SNIFFED)
    assert (recognition.decided, recognition.framing) == (True, None)


@given(body=st.sampled_from([*SNIFFED, *NO_STREAM]), cuts=st.sets(st.integers(1, 60)))
def test_any_split_is_recognised_alike(body, cuts):
    ends = sorted({0, *(cut for cut in cuts if cut < len(body)), len(body)})
    decoder = StreamDecoder(headers("text/plain"))
    events = [one for begin, end in pairwise(ends) for one in decoder.feed(body[begin:end])] + decoder.close()
    framing = SNIFFED.get(body)
    assert decoder.framing is framing
    plain = framing.decoder() if framing else None
    expected = plain.feed(body) if plain else []
    last = plain.close() if plain else None
    assert events == (expected if last is None else [*expected, last])


def test_events_keep_the_times_of_their_chunks():
    decoder = StreamDecoder(headers("application/json"))
    assert decoder.feed(b'{"a": 1}\n', 10) == []
    assert [event.at for event in decoder.feed(b'{"a": 2}\n', 20)] == [10, 20]
