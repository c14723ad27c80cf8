"""Requests that are known by their bytes."""

from __future__ import annotations

import pytest

from replayer.http1.incoming import Incoming
from replayer.http1.known_requests import LONGEST, KnownRequests
from replayer.http1.limits import Bounds
from replayer.http1.request_parser import RequestParser

AFTER = b"GET /after HTTP/1.1\r\nHost: h\r\n\r\n"
POLL = b"GET /jobs/1 HTTP/1.1\r\nHost: h\r\nCookie: a=b\r\n\r\n"


class Counted(KnownRequests):
    """Takes note of each request that was known."""

    def __init__(self, most: int = 10) -> None:
        super().__init__(most)
        self.hits: list[bytes] = []

    def get(self, data: bytes, at: int) -> Incoming | None:
        found = super().get(data, at)
        if found is not None:
            self.hits.append(data)
        return found


@pytest.mark.parametrize(
    ("data", "is_kept"),
    [
        (POLL, True),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}", True),
        (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", True),
        (b"\r\n" + POLL, True),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", True),
        (POLL + POLL, False),
        (POLL + b"GET", False),
        (b"GET /" + b"x" * LONGEST + b" HTTP/1.1\r\nHost: h\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
        (b"nonsense\r\n\r\n", False),
    ],
)
def test_what_is_known_is_what_would_be_parsed(data: bytes, is_kept: bool) -> None:
    """A request is known from the third time on: it is kept when it came twice, by whatever connections."""
    known = Counted()
    for turn in range(4):
        parser, plain = RequestParser(Bounds(), known), RequestParser(Bounds())
        assert parser.feed(data, 100 + turn) == plain.feed(data, 100 + turn)
        for name in ("completed", "finished", "in_request", "awaits_continue"):
            assert getattr(parser, name) == getattr(plain, name)
        assert parser.feed(AFTER, 200) == plain.feed(AFTER, 200)
    assert known.hits.count(data) == (2 if is_kept else 0)


def test_a_connection_with_half_a_request_takes_the_rest_as_it_is() -> None:
    known = Counted()
    for _ in range(3):
        RequestParser(Bounds(), known).feed(POLL, 0)
    hits = len(known.hits)
    parser = RequestParser(Bounds(), known)
    head = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(POLL)
    assert parser.feed(head, 1) == []
    [incoming] = parser.feed(POLL, 2)
    assert isinstance(incoming, Incoming)
    assert incoming.request.body == POLL
    assert len(known.hits) == hits


def test_so_many_are_kept() -> None:
    known = Counted(most=2)
    requests = [b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n" % number for number in range(3)]
    parser = RequestParser(Bounds(), known)
    for data in requests * 2:  # the third forgets the first two
        parser.feed(data, 0)
    assert known.hits == []
    parser.feed(requests[2], 0)
    parser.feed(requests[1], 0)
    assert known.hits == [requests[2]]


def test_none_are_kept_where_there_is_no_room() -> None:
    known = Counted(most=0)
    parser = RequestParser(Bounds(), known)
    for _ in range(5):
        parser.feed(POLL, 0)
    assert known.hits == []
