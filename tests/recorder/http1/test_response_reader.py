"""What upstreams send, and what it means: the cases are read whole, and byte by byte, with the same result."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.assembly import Broken, ResponseData, ResponseEnd, ResponseHead, TrafficEvent
from recorder.http1.chunked_decoder import LARGEST_LINES
from recorder.http1.response_reader import LARGEST_HEAD, InterimResponse, ResponseReader

HEAD = b"HTTP/1.1 200 OK\r\nX-a: 1\r\ncontent-type: text/event-stream\r\nx-A: \xe9\r\n"
HEADERS = (("X-a", "1"), ("content-type", "text/event-stream"), ("x-A", "\xe9"))
CHUNKED = b"HTTP/1.1 200 Fine Thing\r\nTransfer-Encoding: chunked\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"


def told(
    *parts: bytes, method: str = "GET", how: str = "server-closed", upgrade: bool = False
) -> list[object]:
    """What the reader makes of what arrives and then of the connection's end, with data joined."""
    reader = ResponseReader(method, upgrade=upgrade)
    events = [event for at, part in enumerate(parts) for event in reader.feed(part, at)]
    events += reader.close(len(parts), how)  # type: ignore[arg-type]
    assert reader.ended
    joined: list[object] = []
    for event in map(short, events):
        if isinstance(event, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += event
        else:
            joined.append(event)
    return joined


def short(event: TrafficEvent) -> object:
    match event:
        case InterimResponse() | ResponseHead():
            return event.status
        case ResponseData():
            return event.data
        case ResponseEnd(trailers=trailers):
            return ("end", *trailers) if trailers else "end"
        case Broken(how=how):
            return how
        case _:
            raise AssertionError(event)


def head_of(data: bytes, method: str = "GET") -> ResponseHead:
    (head, *_) = ResponseReader(method).feed(data, 7)
    assert isinstance(head, ResponseHead)
    return head


def test_a_head_is_as_it_came() -> None:
    head = head_of(HEAD + b"Content-Length: 0\r\n\r\n")
    assert head == ResponseHead(7, 200, "OK", "1.1", (*HEADERS, ("Content-Length", "0")))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (CHUNKED + b"3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", [200, b"abcd", "end"]),
        (CHUNKED + b"3\r\nabc\r\n0\r\nX-Sum: 1\r\nA: b\r\n\r\n", [200, b"abc", ("end", ("X-Sum", "1"), ("A", "b"))]),
        (CHUNKED + b"3\r\nabc\r\n", [200, b"abc", "server-closed"]),
        (CHUNKED + b"3\r\nab", [200, b"ab", "server-closed"]),
        (CHUNKED + b"3\r\nabcX", [200, b"abc", "error"]),
        (CHUNKED + b"3\r\nabc\rX", [200, b"abc", "error"]),
        (CHUNKED + b"3;name=value\r\nabc\r\n0;x\r\n\r\n", [200, b"abc", "end"]),
        (CHUNKED + b"3 \r\nabc\r\n0\t\r\n\r\n", [200, b"abc", "end"]),
        (CHUNKED + b"3 ; x\r\nabc\r\n000\r\n\r\n", [200, b"abc", "end"]),
        (CHUNKED + b"A\r\n0123456789\r\n0\r\n\r\n", [200, b"0123456789", "end"]),
        (CHUNKED + b"3\nabc\n0\n\n", [200, b"abc", "end"]),
        (CHUNKED + b"\r\n", [200, "error"]),
        (CHUNKED + b"-1\r\n", [200, "error"]),
        (CHUNKED + b"1" * 17 + b"\r\n", [200, "error"]),
        (CHUNKED + b"0\r\nno colon\r\n\r\n", [200, "error"]),
        (CHUNKED + b"1;" + b"x" * LARGEST_LINES, [200, "error"]),
        (CHUNKED + b"0\r\n" + b"a: b\r\n" * LARGEST_LINES, [200, "error"]),
        (HEAD + b"Content-Length: 4\r\n\r\nabcd", [200, b"abcd", "end"]),
        (HEAD + b"Content-Length: 4\r\n\r\nab", [200, b"ab", "server-closed"]),
        (HEAD + b"Content-Length: 1\r\n\r\nab", [200, b"a", "end"]),
        (HEAD + b"\r\nabcd", [200, b"abcd", "end"]),
        (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok", [200, b"ok", "end"]),
        (OK + b"Content-Length: 2, 02\r\n\r\nok", [200, b"ok", "end"]),
        (OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok", ["error"]),
        (OK + b"Content-Length: 2, 3\r\n\r\nok", ["error"]),
        (OK + b"Content-Length: two\r\n\r\nok", ["error"]),
        (OK + b"Content-Length: -2\r\n\r\nok", ["error"]),
        (OK + b"Content-Length: 99999999999999999999999\r\n\r\nok", ["error"]),
        (OK + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", [200, b"ok", "end"]),
        (OK + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n2\r\nok\r\n0\r\n\r\n", [200, b"ok", "end"]),
        (OK + b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok", [200, b"ok", "end"]),
        (OK + b"Transfer-Encoding: gzip\r\n\r\nok", [200, b"ok", "end"]),
        (OK + b"Transfer-Encoding: mine\r\n\r\nok", ["error"]),
        (b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", [200, b"ok", "end"]),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", [200, b"ok", "end"]),
        (b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", [200, b"ok", "end"]),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", [200, b"ok", "end"]),
        (b"HTTP/1.0 200 OK\r\n\r\nhi", [200, b"hi", "end"]),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok", [100, 200, b"ok", "end"]),
        (b"HTTP/1.1 102 P\r\n\r\n" * 2 + OK + b"Content-Length: 2\r\n\r\nok", [102, 102, 200, b"ok", "end"]),
        (b"HTTP/1.1 103 Early\r\nLink: </s>\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok", [103, 200, b"ok", "end"]),
        (b"HTTP/1.1 103 Early\r\nLink: </s>\r\n\r\n", [103, "server-closed"]),
        (b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", [204, "end"]),
        (b"HTTP/1.1 304 Not\r\nTransfer-Encoding: chunked\r\n\r\n", [304, "end"]),
        (b"HTTP/1.1 101 Switch\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n", ["error"]),
        (b"HTTP/1.1 099 Less\r\n\r\n", ["error"]),
        (b"SSH-2.0\r\n", ["error"]),
        (OK + b"no colon\r\n\r\n", ["error"]),
        (OK + b": no name\r\n\r\n", ["error"]),
        (OK + b" folded onto nothing\r\n\r\n", ["error"]),
        (OK + b"A: \0\r\n\r\n", ["error"]),
        (OK + b"X: " + b"x" * LARGEST_HEAD, ["error"]),
        (HEAD, ["server-closed"]),
        (b"", ["server-closed"]),
    ],
)  # fmt: skip
def test_what_arrives_becomes_a_response(sent: bytes, expected: list[object]) -> None:
    assert told(sent) == expected
    if len(sent) < LARGEST_LINES:
        assert told(*(sent[at : at + 1] for at in range(len(sent)))) == expected


def test_interim_responses_without_end_are_bounded() -> None:
    early = b"HTTP/1.1 103 Early\r\n\r\n"
    *interim, end = told(early * (LARGEST_HEAD // len(early) + 1))
    assert (set(interim), end) == ({103}, "error")


@pytest.mark.parametrize(
    ("fields", "read"),
    [
        (b"X-Note: one\r\n\ttwo\r\n  three", ("X-Note", "one two three")),
        (b"X-Note : one", ("X-Note", "one")),
        (b"X-Note:one", ("X-Note", "one")),
        (b"X-Note:", ("X-Note", "")),
        (b"X-Note:\r\n one", ("X-Note", "one")),
        (b"X-Note: a\rb", ("X-Note", "a b")),
        (b"X Note[]: one", ("X Note[]", "one")),
    ],
)
def test_odd_headers_are_read_in_one_way(fields: bytes, read: tuple[str, str]) -> None:
    assert head_of(OK + fields + b"\r\nContent-Length: 0\r\n\r\n").headers == (read, ("Content-Length", "0"))


@pytest.mark.parametrize(
    ("framing", "kept"),
    [
        (b"Content-Length: 2, 2", (("Content-Length", "2"),)),
        (b"content-length: 2\r\nContent-Length: 2", (("content-length", "2"),)),
        (b"Content-Length: 40\r\nTransfer-Encoding: chunked", (("Transfer-Encoding", "chunked"),)),
        (b"Transfer-Encoding: identity\r\nContent-Length: 0", (("Content-Length", "0"),)),
    ],
)
def test_what_frames_a_body_has_one_meaning(framing: bytes, kept: tuple[tuple[str, str], ...]) -> None:
    assert head_of(OK + framing + b"\r\n\r\n").headers == kept


@pytest.mark.parametrize(("method", "head"), [("HEAD", HEAD), ("GET", b"HTTP/1.1 304 Not Modified\r\n")])
def test_a_response_without_a_body_ends_with_its_head(method: str, head: bytes) -> None:
    events = ResponseReader(method).feed(head + b"Content-Length: 10\r\n\r\n", 0)
    assert [short(event) for event in events][1:] == ["end"]


def test_a_reset_is_no_end() -> None:
    assert told(HEAD + b"\r\nab", how="reset") == [200, b"ab", "reset"]


def test_a_piece_does_not_wait_for_the_rest_of_its_chunk() -> None:
    reader = ResponseReader("GET")
    reader.feed(CHUNKED, 0)
    assert reader.feed(b"28\r\nthe first half", 1) == [ResponseData(1, b"the first half")]
    assert reader.feed(b", the rest", 2) == [ResponseData(2, b", the rest")]


def test_chunks_that_arrive_together_stay_apart() -> None:
    reader = ResponseReader("GET")
    reader.feed(CHUNKED, 0)
    assert reader.feed(b"1\r\na\r\n2\r\nbc\r\n", 1) == [ResponseData(1, b"a"), ResponseData(1, b"bc")]


@pytest.mark.parametrize(
    "whole",
    [HEAD + b"Content-Length: 1\r\n\r\na", CHUNKED + b"1\r\na\r\n0\r\n\r\n", b"HTTP/1.1 204 No\r\n\r\n"],
)
def test_what_follows_a_response_is_left_over(whole: bytes) -> None:
    reader = ResponseReader("GET")
    assert isinstance(reader.feed(whole + b"behind", 0)[-1], ResponseEnd)
    assert reader.rest == b"behind"
    assert reader.feed(b" it", 1) == reader.close(2, "reset") == []
    assert reader.rest == b"behind it"


def test_another_protocol_begins_behind_the_response_to_an_upgrade() -> None:
    reader = ResponseReader("GET", upgrade=True)
    head, end = reader.feed(b"HTTP/1.1 101 Switching\r\nUpgrade: own\r\n\r\n\x81\x04pong", 0)
    assert (short(head), short(end), reader.rest) == (101, "end", b"\x81\x04pong")


@given(st.lists(st.binary(min_size=1, max_size=8), max_size=4), st.data())
def test_a_body_is_the_same_however_the_network_cuts_it(chunks: list[bytes], data: st.DataObject) -> None:
    wire = CHUNKED + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=5)))
    parts = [wire[start:end] for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    assert told(*parts) == [200, *([b"".join(chunks)] if chunks else []), "end"]


@given(st.binary(max_size=100), st.sampled_from([b"", HEAD, CHUNKED, HEAD + b"\r\n", OK]))
def test_any_bytes_come_to_one_end(data: bytes, head: bytes) -> None:
    events = told(head, data)
    ends = [event in ("end", "server-closed", "error") or isinstance(event, tuple) for event in events]
    assert ends.count(True) == 1
