from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.model import Request
from cassettes.tokens.discovery import can_be_token
from cassettes.tokens.places import sent
from cassettes.tokens.prefilter import can_carry
from foundation.http.headers import Headers

JSON = (("Content-Type", "application/json"),)
QUESTION = (
    b'{"query":"question 99999","conversation_history":[],"auto_load_documents":true,"memory_enabled":true}'
)


@pytest.mark.parametrize(
    ("url", "headers", "body", "expected"),
    [
        ("http://h/api/v1/stream", JSON, QUESTION, False),
        ("http://h/api/v1/stream", JSON, json.dumps(json.loads(QUESTION), indent=2).encode(), False),
        ("http://h/jobs/job_ab12", (), b"", True),
        ("http://h/jobs?id=job_ab12", (), b"", True),
        ("http://h/a", (("Cookie", "theme=dark"),), b"", False),
        ("http://h/a", (("Cookie", "theme=dark; s=sess-0001"),), b"", True),
        ("http://h/a", (("Cookie", "AWSALB=/Ab3+x/Yz0123456"),), b"", True),
        ("http://h/a", (("Authorization", "Bearer sess-0001"),), b"", True),
        ("http://h/a", JSON, b'{"role":"assistant","status":"running"}', False),
        ("http://h/a", JSON, b'{"id":"job_ab12"}', True),
        ("http://h/a", JSON, b'{"id":1234567}', True),
        ("http://h/a", JSON, rb'{"id":"job_\u0061b12"}', True),
        ("http://h/a", JSON, b'{"job_ab12":1}', False),
        ("http://h/a", (("Content-Type", "application/x-www-form-urlencoded"),), b"id=job_ab12", True),
    ],
)
def test_what_can_carry_a_token(url: str, headers: Headers, body: bytes, expected: bool) -> None:
    assert can_carry(url, headers, body) is expected


pieces = st.sampled_from(
    [
        "job_ab12",
        "a1b2c3",
        "AbCDefGHijKLmnOPqr",
        "123456",
        "http://h/j/job_ab12?x=y",
        "/jobs/x1y2z3é",
        "a b",
        '"',
        "\\",
    ]
)
words = st.lists(pieces | st.text(max_size=8), max_size=3).map("".join)
values = st.recursive(
    words | st.integers() | st.floats(allow_nan=False) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
)
texts = st.builds(
    lambda value, ascii_only, indent, compact: json.dumps(
        value, ensure_ascii=ascii_only, indent=indent, separators=(",", ":") if compact else None
    ).encode("utf-8", "replace"),
    values, st.booleans(), st.none() | st.just(1), st.booleans(),
)  # fmt: skip
latin = st.text(st.characters(max_codepoint=255), max_size=20)
headers = st.lists(
    st.tuples(
        st.sampled_from(["Cookie", "X-Job", "Host", "Content-Type"]),
        latin
        | pieces.filter(str.isascii)
        | st.sampled_from(["s=sess-0001", "application/x-www-form-urlencoded"]),
    ),
    max_size=3,
).map(tuple)


@given(words.map("http://h/{}".format) | words, headers, texts | st.binary(max_size=50))
def test_no_request_that_carries_a_token_is_overlooked(url: str, headers: Headers, body: bytes) -> None:
    request = Request(exchange=0, at=0, method="POST", url=url, http="1.1", headers=headers, body=body)
    if any(can_be_token(place) for place in sent(request)):
        assert can_carry(url, headers, body)


@given(st.binary(max_size=60))
def test_bytes_that_nearly_are_json(body: bytes) -> None:
    for text in (b'"' + body + b'"', b'["x", "' + body + b'1a2b3c"]'):
        request = Request(exchange=0, at=0, method="POST", url="", http="1.1", headers=JSON, body=text)
        if any(can_be_token(place) for place in sent(request)):
            assert can_carry("", JSON, text)
