from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.assembly import Broken, ResponseData, ResponseEnd, ResponseHead
from replayer.http1.response_parser import LARGEST_HEAD, LARGEST_PIECE, ResponseParser

HEAD = b"HTTP/1.1 200 OK\r\nX-a: 1\r\ncontent-type: text/event-stream\r\nx-A: \xe9\r\n"
HEADERS = (("X-a", "1"), ("content-type", "text/event-stream"), ("x-A", "\xe9"))
CHUNKED = b"HTTP/1.1 200 Fine Thing\r\nTransfer-Encoding: chunked\r\n\r\n"


def told(*parts, method="GET", how="server-closed"):
    """What the parser makes of what arrives, and then of the connection's end."""
    parser = ResponseParser(method)
    events = [event for at, part in enumerate(parts) for event in parser.feed(part, at)]
    events += parser.close(len(parts), how)
    assert parser.ended
    return [short(event) for event in events]


def short(event):
    match event:
        case ResponseHead():
            return event.status
        case ResponseData():
            return event.data
        case ResponseEnd():
            return "end"
        case Broken(how=how):
            return how


def test_a_head_is_as_it_came():
    (head, *_) = ResponseParser("GET").feed(HEAD + b"Content-Length: 0\r\n\r\n", 7)
    assert head == ResponseHead(7, 200, "OK", "1.1", (*HEADERS, ("Content-Length", "0")))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([CHUNKED + b"3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"], [200, b"abc", b"d", "end"]),
        ([CHUNKED + b"3\r\na", b"bc", b"\r\n0\r\nTrailer: x\r\n\r\n"], [200, b"abc", "end"]),
        ([CHUNKED + b"3\r\nabc\r\n"], [200, b"abc", "server-closed"]),
        ([CHUNKED + b"3\r\nab"], [200, b"ab", "server-closed"]),
        ([CHUNKED + b"3\r\nab", b"cX"], [200, b"abc", "error"]),
        ([HEAD + b"Content-Length: 4\r\n\r\nab", b"cd"], [200, b"ab", b"cd", "end"]),
        ([HEAD + b"Content-Length: 4\r\n\r\nab"], [200, b"ab", "server-closed"]),
        ([HEAD + b"\r\nab", b"cd"], [200, b"ab", b"cd", "end"]),
        ([HEAD + b"Content-Length: 1\r\n\r\nab"], [200, b"a", "end"]),
        ([b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 204 No\r\n\r\n"], [204, "end"]),
        ([b"HTTP/1.1 103 Early\r\nA: b\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\nhi"], [200, b"hi", "end"]),
        ([b"HTTP/1.1 101 Switch\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n"], ["error"]),
        ([b"SSH-2.0\r\n"], ["error"]),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2"], ["error"]),
        ([b"HTTP/1.1 200 OK\r\nX: " + b"x" * LARGEST_HEAD], ["error"]),
        ([HEAD], ["server-closed"]),
        ([], ["server-closed"]),
    ],
)
def test_what_arrives_becomes_an_answer(parts, expected):
    assert told(*parts) == expected


def test_a_reset_is_no_end():
    assert told(HEAD + b"\r\nab", how="reset") == [200, b"ab", "reset"]


@pytest.mark.parametrize(("method", "head"), [("HEAD", HEAD), ("GET", b"HTTP/1.1 304 Not Modified\r\n")])
def test_an_answer_without_a_body_ends_with_its_head(method, head):
    events = ResponseParser(method).feed(head + b"Content-Length: 10\r\n\r\n", 0)
    assert [short(event) for event in events][1:] == ["end"]


def test_a_large_chunk_does_not_wait_for_all_of_it():
    parser = ResponseParser("GET")
    parser.feed(CHUNKED + b"%x\r\n" % (10 * LARGEST_PIECE), 0)
    assert parser.feed(b"x" * (LARGEST_PIECE - 1), 1) == []
    assert parser.feed(b"x", 2) == [ResponseData(2, b"x" * LARGEST_PIECE)]


def test_only_the_last_answer_counts_of_what_follows_it():
    parser = ResponseParser("GET")
    whole = HEAD + b"Content-Length: 1\r\n\r\na"
    assert len(parser.feed(whole + whole, 0)) == 3
    assert parser.ended
    assert parser.feed(whole, 1) == parser.close(2, "reset") == []


@given(st.lists(st.binary(min_size=1, max_size=8), max_size=4), st.data())
def test_chunks_are_the_same_however_the_network_cuts_them(chunks, data):
    wire = CHUNKED + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=5)))
    parts = [wire[start:end] for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    assert told(*parts) == [200, *chunks, "end"]


@given(st.binary(max_size=100), st.sampled_from([b"", HEAD, CHUNKED, HEAD + b"\r\n"]))
def test_any_bytes_come_to_one_end(data, head):
    events = told(head, data)
    assert [event in ("end", "server-closed", "error") for event in events].count(True) == 1
