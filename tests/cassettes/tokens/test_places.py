from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.model import Chunk, End, Exchange, Request, Response
from cassettes.tokens.places import TokenPlace, issued, sent
from foundation.http.headers import Headers

JSON = (("Content-Type", "application/json"),)
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
SSE = (("content-type", "text/event-stream; charset=utf-8"),)


def request(url: str = "http://h", headers: Headers = (), body: bytes = b"") -> Request:
    return Request(exchange=0, at=0, method="POST", url=url, http="1.1", headers=headers, body=body)


def answer(headers: Headers, body: bytes = b"") -> Exchange:
    return Exchange(
        number=0,
        request=request(),
        response=Response(exchange=0, at=1, status=200, reason="OK", headers=headers),
        chunks=(Chunk(exchange=0, at=2, data=body),) if body else (),
        end=End(exchange=0, at=3, how="complete"),
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (request("http://h/jobs/a%20b?id=1&id=2"), ["path 1 jobs", "path 2 a b", "query id 1", "query id 2"]),
        (request("/jobs/1"), ["path 1 jobs", "path 2 1"]),
        (request("http://[broken/jobs/1"), ["path 1 jobs", "path 2 1"]),
        (request("//jobs/1?a=2#b"), ["path 2 jobs", "path 3 1", "query a 2"]),
        (request(headers=(("Cookie", "a=1; b=x=y;c;=z"),)), ["cookie a 1", "cookie b x=y", "cookie  z"]),
        (request(headers=(("cookie", "a=1"), ("Cookie", "a=2"))), ["cookie a 1", "cookie a 2"]),
        (request(headers=(("X-Job", "a x1"),)), ["header x-job a", "header x-job x1"]),
        (request(headers=(("Referer", "http://h/j/1"),)),
         ["header referer http://h/j/1", "header referer j", "header referer 1"]),
        (request(headers=(("Content-Length", "123456"), ("Date", "x1y2z3"), ("ACCEPT-Encoding", "br"))), []),
        (request(headers=JSON, body=b'{"a/b":{"~":[1,"x"]}}'), ["body /a~1b/~0/0 1", "body /a~1b/~0/1 x"]),
        (request(headers=JSON, body=b'[true, null, 1.5, "\\u0041"]'), ["body /3 A"]),
        (request(body=b'{"id": "no type is JSON too"}'), ["body /id no type is JSON too"]),
        (request(headers=FORM, body=b"id=a%2Bb&x="), ["body /id a+b"]),
        (request(headers=JSON, body=b"not json"), []),
        (request(headers=JSON, body=b"1" * 10_000), []),
        (request(headers=JSON, body=b"\xff\xfe"), []),
    ],
)  # fmt: skip
def test_what_a_client_sends(asked: Request, found: list[str]) -> None:
    assert [" ".join(place) for place in sent(asked)] == found


@pytest.mark.parametrize(
    ("response", "found"),
    [
        (answer((("Set-Cookie", "s=a=b; Path=/; Max-Age=9"), ("set-cookie", "flag"))), ["cookie s a=b"]),
        (answer((("Set-Cookie", "s=; Max-Age=0"),)), ["cookie s "]),
        (answer((("Location", "/jobs/7"),)), ["header location /jobs/7", "header location jobs", "header location 7"]),
        (answer(JSON, b'{"url": "https://b.example/j/7?k=8"}'),
         ["body /url https://b.example/j/7?k=8", "body /url j", "body /url 7", "body /url 8"]),
        (answer(JSON, b'{"text": "/not a url"}'), ["body /text /not a url"]),
        (answer(JSON, b'{"url": "http://[half"}'), ["body /url http://[half"]),
        (answer(SSE, b'event: a\ndata: {"id":\ndata: 7}\n\ndata: no json\n\ndata: {"cut": 1}'), ["body /id 7"]),
        (answer(JSON), []),
    ],
)  # fmt: skip
def test_what_a_server_issues(response: Exchange, found: list[str]) -> None:
    assert [" ".join(place) for place in issued(response)] == found


def test_an_exchange_without_a_response_issues_nothing() -> None:
    lone = Exchange(
        number=0, request=request(), response=None, chunks=(), end=End(exchange=0, at=0, how="reset")
    )
    assert list(issued(lone)) == []


def test_json_is_read_to_a_bounded_depth() -> None:
    deep = b"[" * 100_000 + b'"x"' + b"]" * 100_000
    assert list(sent(request(headers=JSON, body=deep))) == []
    deep = b"[" * 200 + b'"x"' + b"]" * 200
    assert list(sent(request(headers=JSON, body=deep))) == []


headers = st.lists(
    st.tuples(st.sampled_from(["Cookie", "X-A", "Content-Type"]), st.text(st.characters(max_codepoint=255)))
).map(tuple)


@given(st.text(), headers, st.binary())
def test_whatever_is_recorded_has_places(url: str, headers: Headers, body: bytes) -> None:
    assert all(isinstance(place, TokenPlace) for place in sent(request(url, headers, body)))
    assert all(isinstance(place, TokenPlace) for place in issued(answer(headers, body)))


@given(
    st.recursive(
        st.text() | st.integers() | st.booleans() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_every_string_of_json_is_a_place(value: object) -> None:
    def strings(item: object) -> list[str]:
        if isinstance(item, str):
            return [item]
        if isinstance(item, dict):
            return [found for one in item.values() for found in strings(one)]
        return [found for one in item for found in strings(one)] if isinstance(item, list) else []

    found = [place.value for place in sent(request(headers=JSON, body=json.dumps(value).encode()))]
    assert set(strings(value)) <= set(found)
