"""Which requests are the same but for values that are fresh by nature."""

from __future__ import annotations

import json
import shlex

import pytest

from cassettes.model import Request
from replayer.matching.fresh_values import fresh_values
from replayer.matching.index import MatchIndex
from replayer.matching.matcher import EVERYTHING
from replayer.matching.options import parse_match
from replayer.matching.suggested_options import options_to_match

FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
ONE, OTHER = "ebda7de7-73c3-6068-0656-f72077ab70c7", "01234567-89ab-4def-8123-456789abcdef"


def request(body=None, url="http://h/chat", headers=(), method="POST"):
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Request(exchange=0, at=0, method=method, url=url, http="1.1", headers=headers, body=data)


def fresh(one, other, tokens=(), match=EVERYTHING):
    """The places of fresh values in which two requests differ, None when they differ in more."""
    found = fresh_values(match, one, other, tokens)
    return None if found is None else [(value.what, value.says_nothing) for value in found]


@pytest.mark.parametrize(
    ("one", "other", "place", "says_nothing"),
    [
        ({"jsonrpc": "2.0", "id": 1}, {"jsonrpc": "2.0", "id": 12}, "body /id", True),
        ({"jsonrpc": "2.0", "id": 1}, {"jsonrpc": "2.0", "id": "a"}, "body /id", True),
        ({"_meta": {"progressToken": 1}}, {"_meta": {"progressToken": 5}}, "body /_meta/progressToken", True),
        ({"request_id": "a"}, {"request_id": "b-2"}, "body /request_id", True),
        ({"requestId": "a"}, {"requestId": "b-2"}, "body /requestId", True),
        ({"session_hash": "9xk2l0q"}, {"session_hash": "pq17zz4"}, "body /session_hash", True),
        ({"timestamp": 1732279868}, {"timestamp": 1732279999}, "body /timestamp", True),
        ({"sentAt": "2026-11-22T10:00:00Z"}, {"sentAt": "2026-11-23T11:30:00Z"}, "body /sentAt", True),
        ({"p": f"It is 2026-11-22T10:00:00Z, {ONE}."}, {"p": f"It is 2026-11-23T10:00:00Z, {OTHER}."}, "body /p", True),
        ({"doc": ONE}, {"doc": OTHER}, "body /doc", False),
        ({"messages": [{"id": "msg-AbCdefGhijKl1nOp"}]}, {"messages": [{"id": "msg-9x2QaLz71bvTe4Wu"}]},
         "body /messages/0/id", False),
        ({"chat": "V1StGXR8_Z5jdHi6B-myT"}, {"chat": "x-9dK2mZqLw0Pa_7sTbYc"}, "body /chat", False),
    ],
)  # fmt: skip
def test_values_that_are_fresh_in_a_body(one, other, place, says_nothing):
    assert fresh(request(one), request(other)) == [(place, says_nothing)]
    assert fresh(request(other), request(one)) == [(place, says_nothing)]
    index = MatchIndex([("POST", "http://h/chat", (), request(one).body)])
    assert index.alike(request(other)) == [0]


@pytest.mark.parametrize(
    ("one", "other", "place"),
    [
        (request(url=f"http://h/docs/{ONE}"), request(url=f"http://h/docs/{OTHER}"), "path"),
        (request(url="http://h/s?session_hash=ab1"), request(url="http://h/s?session_hash=zz9"), "query session_hash"),
        (request(url="http://h/s?_t=1&ts=1732279868123"), request(url="http://h/s?_t=1&ts=1732279999123"), "query ts"),
        (request(b"n=1&nonce=a1", headers=FORM), request(b"n=1&nonce=b2", headers=FORM), "body nonce"),
    ],
)  # fmt: skip
def test_values_that_are_fresh_elsewhere(one, other, place):
    assert [what for what, _ in fresh(one, other)] == [place]
    index = MatchIndex([(other.method, other.url, other.headers, other.body)])
    assert index.alike(one) == [0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"query": "What is new?"}, {"query": "What is old?"}),
        ({"model": "claude-3-5-sonnet-20241022"}, {"model": "claude-3-5-sonnet-20250219"}),
        ({"id": 1}, {"id": 2}),
        ({"id": "doc-17"}, {"id": "doc-18"}),
        ({"timestamp": 1732279868}, {"timestamp": 50}),
        ({"doc": ONE}, {"doc": "01234567"}),
        ({"doc": ONE}, {"doc": OTHER, "more": 1}),
        ({"wait": "5 s"}, {"wait": "10 s"}),
        ({"jsonrpc": "2.0", "id": 1, "method": "a"}, {"jsonrpc": "2.0", "id": 1, "method": "b"}),
        ({"jsonrpc": "2.0", "id": 1}, {"jsonrpc": "2.0", "id": None}),
        ({"request_id": "a"}, {"request_id": ["b"]}),
        ({"a": [ONE]}, {"a": [ONE, OTHER]}),
    ],
)
def test_requests_that_differ_in_more(one, other):
    assert fresh(request(one), request(other)) is None


def test_a_token_of_the_server_is_not_fresh():
    assert fresh(request(url=f"http://h/jobs/{OTHER}"), request(url=f"http://h/jobs/{ONE}"), [ONE]) is None


def test_a_header_that_is_compared():
    match = parse_match(["+header:X-Request-Id"])
    one, other = (request(headers=(("X-Request-Id", value),)) for value in ("a1", "b2"))
    assert fresh(one, other, match=match) == [("header x-request-id", True)]


def test_nothing_is_alike_where_matches_are_exact():
    index = MatchIndex([("POST", "http://h/chat", (), b'{"jsonrpc":"2.0","id":1}')], parse_match(["exact"]))
    assert index.alike(request({"jsonrpc": "2.0", "id": 2})) == []


@pytest.mark.parametrize(
    ("one", "other", "options"),
    [
        (request({"a": 1, "b": 2}), request({"a": 2, "b": 2}), ["--ignore /a"]),
        (request({"a b": 1}), request({"a b": 2}), ["--ignore '/a b'"]),
        (request({"f": ["a"]}), request({"f": ["a", "b"]}), ["--ignore '/f/*'"]),
        (request(url="http://h/s?t=1"), request(url="http://h/s?t=2"), ["--ignore query:t"]),
        (request(b"a/b=1&c=2", headers=FORM), request(b"a/b=3&c=2", headers=FORM), ["--ignore '/a~1b'"]),
        (request(b"one"), request(b"other"), ["--match -body"]),
        (request({"a": list(range(60))}), request({"a": list(range(1, 61))}), ["--match -body"]),
        (request({f"k{n}": n for n in range(60)}), request({f"k{n}": -n - 1 for n in range(60)}), ["--match -body"]),
        (request(url="http://h/a"), request(url="http://h/b"), []),
        (request(method="PUT"), request(), []),
    ],
)  # fmt: skip
def test_the_options_that_make_a_miss_match(one, other, options):
    found = options_to_match(EVERYTHING.differences(one, other))
    assert found == options
    if options:
        words = [word for option in found for word in shlex.split(option)]
        given = {
            name: [words[n + 1] for n in range(0, len(words), 2) if words[n] == name]
            for name in ("--match", "--ignore")
        }
        assert parse_match(given["--match"], given["--ignore"]).differences(one, other) == []
