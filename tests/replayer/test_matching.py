from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.model import Request
from replayer.matching import LONGEST_VALUE, MOST_DIFFERENCES, Difference, differences, fingerprint


def request(method="POST", url="http://h/p", body=b""):
    return Request(exchange=0, at=0, method=method, url=url, http="1.1", headers=(), body=body)


def told(found, recorded):
    return [(d.what, d.expected, d.found) for d in differences(found, recorded)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (request(url="http://recorded:5000/p"), request(url="http://127.0.0.1:1/p")),
        (request(url="/p"), request(url="https://h/p")),
        (request(url="http://h"), request(url="http://h/")),
        (request(url="http://h?a=1"), request(url="http://other/?a=1")),
        (request(url="/p?a=1&b=2&a=3"), request(url="/p?a=3&a=1&b=2")),
        (request(url="/p?a=x%20y"), request(url="/p?a=x+y")),
        (request(url="/p?"), request(url="/p")),
        (request(url="/p?a"), request(url="/p?a=")),
        (request(body=b'{"a": 1, "b": [true, null]}'), request(body=b'{"b":[true,null],\n"a":1.0}')),
        (request(body=b'{"a": 1, "a": 2}'), request(body=b'{"a": 2}')),
        (request(body=b"[1e2, -0.0, 0.10]"), request(body=b"[100, 0, 0.1]")),
        (request(body=b'"\\u00e9"'), request(body='"\u00e9"'.encode())),
        (request(body=b"\xff\x00"), request(body=b"\xff\x00")),
    ],
)
def test_the_same_request(one, other):
    assert told(one, other) == []
    assert fingerprint(one.method, one.url, one.body) == fingerprint(other.method, other.url, other.body)


@pytest.mark.parametrize(
    ("found", "recorded", "expected"),
    [
        (request("GET"), request("POST"), [("method", "POST", "GET")]),
        (request(url="/q"), request(url="http://h/p"), [("path", "/p", "/q")]),
        (request(url="/p%2F"), request(url="/p/"), [("path", "/p/", "/p%2F")]),
        (request(url="/p?a=1&c=3"), request(url="/p?a=2&b=2"),
         [("query a", "2", "1"), ("query b", "2", "nothing"), ("query c", "nothing", "3")]),
        (request(url="/p?a=1&a=1"), request(url="/p?a=1"), [("query a", "1", "1, 1")]),
        (request(url="/p?a=%FF"), request(url="/p?a=%FE"), [("query a", "\\xfe", "\\xff")]),
        (request(body=b'{"a": {"b/~": [1, true]}}'), request(body=b'{"a": {"b/~": [1, 1]}}'),
         [("body /a/b~1~0/1", "1", "true")]),
        (request(body=b'{"a": 1}'), request(body=b'{"b": "x"}'),
         [("body /a", "nothing", "1"), ("body /b", '"x"', "nothing")]),
        (request(body=b"[1]"), request(body=b"[1, null, {}]"),
         [("body /1", "null", "nothing"), ("body /2", "{}", "nothing")]),
        (request(body=b"[]"), request(body=b"{}"), [("body", "{}", "[]")]),
        (request(body=b"{}"), request(body=b"{"), [("body", "{", "{}")]),
        (request(body=b""), request(body=b"null"), [("body", "null", "")]),
        (request(body=b"\xff"), request(body="\u00e9".encode()), [("body", "\u00e9", "\\xff")]),
        (request(body=b"1e999"), request(body=b"2e999"), [("body", "2e999", "1e999")]),
        (request("GET", "/q?x=1", b"1"), request("POST", "/p", b"2"),
         [("method", "POST", "GET"), ("path", "/p", "/q"), ("query x", "nothing", "1"), ("body", "2", "1")]),
    ],
)  # fmt: skip
def test_what_differs_is_named(found, recorded, expected):
    assert told(found, recorded) == expected


def test_a_report_stays_readable():
    found = differences(
        request(body=json.dumps(["x" * 100_000] * 100).encode()), request(body=json.dumps([1] * 100).encode())
    )
    assert len(found) == MOST_DIFFERENCES
    assert max(len(d.found) for d in found) < LONGEST_VALUE + 50


def test_json_that_is_nested_too_deep_is_compared_as_bytes():
    deep = b"[" * 1_000_000
    assert told(request(body=deep), request(body=deep)) == []
    assert len(told(request(body=deep), request(body=b"[]"))) == 1


@pytest.mark.parametrize("depth", [900, 3000])
def test_deep_json_is_still_json(depth):
    def nested(inner):
        return b"[" * depth + inner + b"]" * depth

    assert told(request(body=nested(b" 1 ")), request(body=nested(b"1.0"))) == []
    assert told(request(body=nested(b"1")), request(body=nested(b"2"))) == [
        ("body " + "/0" * depth, "2", "1")
    ]


scalars = st.sampled_from(
    ["null", "true", "false", "0", "1", "1.0", "-0.0", "1e0", "0.5", '""', '"1"', '"a"', '"\\u0061"', "2e999"]
)
documents = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]")
        | st.lists(st.tuples(st.sampled_from("ab"), inner), max_size=3).map(
            lambda pairs: "{" + ", ".join(f'"{k}": {v}' for k, v in pairs) + "}"
        )
    ),
    max_leaves=5,
)
bodies = documents.map(str.encode) | st.sampled_from([b"", b"{", b"\xff", b" 1", b"[1 ]"])
queries = st.lists(
    st.sampled_from(["a=1", "a=2", "b=", "b", "a=%31", "a=+", "a=%20", "%FF=1", ""]), max_size=3
)
requests = st.builds(
    lambda method, origin, path, query, body: request(method, origin + path + "?" + "&".join(query), body),
    st.sampled_from(["GET", "POST"]),
    st.sampled_from(["", "http://h", "https://h:1"]),
    st.sampled_from(["/", "/a"]),
    queries,
    bodies,
)


@given(requests, requests)
def test_equal_fingerprints_are_no_differences(one, other):
    same = fingerprint(one.method, one.url, one.body) == fingerprint(other.method, other.url, other.body)
    assert same is not bool(differences(one, other))


@given(bodies, bodies)
def test_equal_fingerprints_are_no_differences_of_the_body(one, other):
    same = fingerprint("GET", "/", one) == fingerprint("GET", "/", other)
    assert same is not bool(differences(request(body=one), request(body=other)))


@given(requests, requests)
def test_differences_are_mutual(one, other):
    mirrored = [Difference(d.what, d.found, d.expected) for d in differences(other, one)]
    assert differences(one, other) == mirrored


@given(st.text(max_size=50), st.binary(max_size=50))
def test_any_url_and_body_can_be_compared(url, body):
    assert differences(request(url=url, body=body), request(url=url, body=body)) == []
    assert len(fingerprint("GET", url, body)) == 16
