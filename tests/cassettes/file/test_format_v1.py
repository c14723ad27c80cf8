from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassettes.file import format_v1
from cassettes.file.format_v1 import LARGEST_TEXT, NotARecord, decode, encode
from cassettes.model import (
    HOWS,
    AnyRecord,
    Chunk,
    End,
    Header,
    Loss,
    Request,
    Response,
    Unknown,
    WebSocketMessage,
)
from tests.cassettes.recorded import TOO_DEEP

DOCUMENT = r"""
{"chatreel":1,"created":"2026-11-22T12:00:00.000000Z","recorder":"chatreel 0.1.0","upstream":"http://127.0.0.1:5000"}
{"kind":"request","exchange":0,"at":0,"method":"POST","url":"http://127.0.0.1:5000/api/v1/stream","http":"1.1","headers":[["content-type","application/json"]],"body":"{\"query\":\"hi\"}"}
{"kind":"response","exchange":0,"at":8214,"status":200,"reason":"OK","headers":[["set-cookie","session_id=..."]]}
{"kind":"chunk","exchange":0,"at":8301,"data":"event: progress\ndata: {\"progress\": 10}\n\n"}
{"kind":"end","exchange":0,"at":7503900,"how":"complete"}
{"kind":"message","exchange":1,"at":7503900,"sender":"client","opcode":1,"data":"hi"}
{"kind":"end","exchange":1,"at":7503901,"how":"complete","trailers":[["X-Sum","1"]]}
"""

RECORDS: list[AnyRecord] = [
    Header(
        version=1,
        created="2026-11-22T12:00:00.000000Z",
        recorder="chatreel 0.1.0",
        upstream="http://127.0.0.1:5000",
    ),
    Request(
        exchange=0,
        at=0,
        method="POST",
        url="http://127.0.0.1:5000/api/v1/stream",
        http="1.1",
        headers=(("content-type", "application/json"),),
        body=b'{"query":"hi"}',
    ),
    Response(exchange=0, at=8214, status=200, reason="OK", headers=(("set-cookie", "session_id=..."),)),
    Chunk(exchange=0, at=8301, data=b'event: progress\ndata: {"progress": 10}\n\n'),
    End(exchange=0, at=7503900, how="complete"),
    WebSocketMessage(exchange=1, at=7503900, sender="client", opcode=1, data=b"hi"),
    End(exchange=1, at=7503901, how="complete", trailers=(("X-Sum", "1"),)),
]
DOCUMENTED = list(zip(DOCUMENT.strip().splitlines(), RECORDS, strict=True))


@pytest.mark.parametrize(("line", "record"), DOCUMENTED)
def test_the_documented_lines_are_read_and_written(line: str, record: AnyRecord) -> None:
    assert decode(line.encode()) == record
    # A response's version, which the document leaves out, is always written.
    assert encode([record]).replace(b',"http":"1.1"}', b"}") == line.encode() + b"\n"


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
count = st.integers(0, 2**63 - 1)
octets = st.binary(max_size=30) | text.map(str.encode)
latin_1 = st.binary(max_size=10).map(lambda data: data.decode("latin-1"))
headers = st.lists(
    st.tuples(st.sampled_from(["Set-Cookie", "set-cookie", "X-A", "x-a"]) | latin_1, latin_1), max_size=4
).map(tuple)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | text | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
extras = st.dictionaries(text.map("x-".__add__), values, max_size=3)
both = {"exchange": count, "at": count, "extra": extras}
records = st.one_of(
    st.builds(Header, version=st.just(1), created=text, recorder=text, upstream=text, extra=extras),
    st.builds(Request, method=text, url=text, http=text, headers=headers, body=octets, encoding=text, **both),
    st.builds(
        Response, status=st.integers(100, 999), reason=text, headers=headers, http=text, encoding=text, **both
    ),
    st.builds(Chunk, data=octets, **both),
    st.builds(
        WebSocketMessage,
        sender=st.sampled_from(["client", "server"]),
        opcode=st.integers(0, 15),
        data=octets,
        **both,
    ),
    st.builds(End, how=st.sampled_from(HOWS), message=text, trailers=headers, **both),
    st.builds(
        Loss,
        at=count,
        reason=text,
        records=count,
        bytes=count,
        exchange=st.none() | count,
        extra=extras,
    ),
    st.builds(Unknown, kind=text.map("x-".__add__), extra=extras),
)


@settings(max_examples=300)
@given(st.lists(records, max_size=4))
def test_every_record_survives_writing_and_reading(written: list[AnyRecord]) -> None:
    lines = encode(written).splitlines(keepends=True)
    assert [decode(line) for line in lines] == written
    assert encode(decode(line) for line in lines) == b"".join(lines)


@given(st.text(min_size=1, max_size=10), st.integers(0, 40))
def test_a_chunk_that_is_cut_inside_a_character_stays_as_it_is(body: str, cut: int) -> None:
    data = body.encode("utf-8", "surrogatepass")
    parts = [data[: cut % (len(data) + 1)], data[cut % (len(data) + 1) :]]
    read = [decode(encode([Chunk(exchange=0, at=0, data=part)])) for part in parts]
    assert [chunk.data for chunk in read if isinstance(chunk, Chunk)] == parts


def test_only_what_is_no_utf8_is_in_base64() -> None:
    assert b'"data":"\xe2\x82\xac"' in encode([Chunk(exchange=0, at=0, data="€".encode())])
    assert b'"data":{"base64":"4oI="}' in encode([Chunk(exchange=0, at=0, data="€".encode()[:2])])


def test_large_text_is_in_base64() -> None:
    chunk = Chunk(exchange=0, at=0, data=b"x" * (LARGEST_TEXT + 1))
    line = encode([chunk])
    assert b'"data":{"base64":"eHh4' in line
    assert decode(line) == chunk


def test_headers_keep_order_case_and_repeats() -> None:
    headers = (("Set-Cookie", "a=1"), ("X-A", ""), ("set-cookie", "a=1"), ("Set-Cookie", "\xe9"))
    request = Request(exchange=0, at=0, method="GET", url="http://h/", http="1.1", headers=headers)
    assert decode(encode([request])) == request


def test_a_header_beyond_latin_1_is_its_bytes_in_utf_8() -> None:
    line, _ = DOCUMENTED[1]
    fields = json.loads(line) | {"headers": [["X-Caf\u00e9", "\u65e5\u00e9"], ["X-\u65e5", "\xe9"]]}
    record = decode(json.dumps(fields).encode())
    assert isinstance(record, Request)
    assert [tuple(part.encode("latin-1") for part in pair) for pair in record.headers] == [
        (b"X-Caf\xe9", "\u65e5\u00e9".encode()),
        ("X-\u65e5".encode(), b"\xe9"),
    ]


@pytest.mark.parametrize(("line", "_record"), DOCUMENTED)
def test_fields_of_a_later_version_stay(line: str, _record: AnyRecord) -> None:
    fields = json.loads(line) | {"colour": "blue", "nested": {"a": [1, 2.5, None, True, 10**30]}}
    record = decode(json.dumps(fields).encode())
    assert type(record) is type(_record)
    assert json.loads(encode([record])) == fields


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "websocket", "exchange": 0, "at": 5, "data": {"base64": "AA=="}},
        {"kind": "", "a": None},
        {"chatreel": 1, "created": "", "recorder": "", "kind": "later", "tool": {"kind": "end"}},
    ],
)
def test_kinds_of_a_later_version_stay(fields: dict[str, Any]) -> None:
    assert json.loads(encode([decode(json.dumps(fields).encode())])) == fields


CHUNK = '{"kind":"chunk","exchange":0,"at":0,"data":"x"}'
DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("line", "expected", "found"),
    [
        ("", "a record in JSON", "''"),
        ("hello", "a record in JSON", "'hello'"),
        (CHUNK[:-5], "a record in JSON", CHUNK[:-5]),
        (CHUNK + CHUNK, "a record in JSON", CHUNK),
        ("[]", "a JSON object", "[]"),
        ("null", "a JSON object", "null"),
        ("{}", 'an object with "chatreel" or "kind"', "{}"),
        ('{"kind":5}', 'an object with "chatreel" or "kind"', '{"kind":5}'),
        ('{"kind":"chunk"}', "a record of kind 'chunk'", "missing required field `exchange`"),
        (CHUNK.replace('"at":0', '"at":-1'), "a record of kind 'chunk'", "`int` >= 0 - at `$.at`"),
        (CHUNK.replace('"at":0', '"at":0.5'), "a record of kind 'chunk'", "`$.at`"),
        (CHUNK.replace('"at":0', '"at":true'), "a record of kind 'chunk'", "`$.at`"),
        (CHUNK.replace('"at":0', '"at":9223372036854775808'), "a record of kind 'chunk'", "`$.at`"),
        (CHUNK.replace('"x"', '{"base64":"!"}'), "a record of kind 'chunk'", "base64"),
        (CHUNK.replace('"x"', '{"base64":"","b":1}'), "a record of kind 'chunk'", "unknown field `b`"),
        (CHUNK.replace('"x"', r'"\ud800"'), "a record in JSON", r"\\ud800"),
        ('{"kind":"end","exchange":0,"at":0,"how":"later"}', "a record of kind 'end'", "'later'"),
        (
            '{"kind":"response","exchange":0,"at":0,"status":99,"reason":"","headers":[]}',
            "a record of kind 'response'",
            "`$.status`",
        ),
        ('{"chatreel":2,"x":1}', "format version 1 or older", "version 2 (update Chatreel)"),
        ('{"chatreel":"1"}', "the header of a recording", "`$.chatreel`"),
        ('{"chatreel":0,"created":"","recorder":""}', "the header of a recording", "`$.chatreel`"),
        ('{"chatreel":1,"created":""}', "the header of a recording", "`recorder`"),
        ('{"kind":"later","deep":' + DEEP + "}", "a record in JSON", TOO_DEEP),
        ('{"deep":' + DEEP + ',"kind":"chunk"}', "a record in JSON", TOO_DEEP),
        ('{"kind":"later","n":1e999}', "a record in JSON", "out of range"),
    ],
)
def test_what_is_no_record_says_what_was_expected_and_found(line: str, expected: str, found: str) -> None:
    with pytest.raises(NotARecord) as caught:
        decode(line.encode())
    assert caught.value.expected == expected
    assert found in caught.value.found
    assert str(caught.value) == f"expected {caught.value.expected}, found {caught.value.found}"


def test_bytes_that_are_no_utf8_are_named() -> None:
    with pytest.raises(NotARecord, match="a record in JSON"):
        decode(b'{"kind":"chunk","exchange":0,"at":0,"data":"\xff"}')


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_line_is_a_record_or_not_a_record(line: bytes) -> None:
    try:
        record = decode(line)
    except NotARecord:
        return
    assert decode(encode([record])) == record


@given(values)
def test_any_json_is_a_record_or_not_a_record(value: object) -> None:
    with pytest.raises(NotARecord):
        decode(json.dumps(value).encode())


@given(
    st.sampled_from([json.loads(line) for line, _ in DOCUMENTED]),
    st.dictionaries(st.sampled_from(["kind", "at", "exchange", "data", "headers", "how", "url"]), values),
)
def test_a_record_with_any_fields_is_one_or_none(fields: dict[str, Any], changes: dict[str, Any]) -> None:
    line = json.dumps(fields | changes).encode()
    try:
        record = decode(line)
    except NotARecord:
        return
    assert decode(encode([record])) == record


def test_excerpts_are_short_and_on_one_line() -> None:
    assert format_v1.excerpt(b"a\nb") == "'a\\nb'"
    assert format_v1.excerpt(b"x" * 1000) == "'" + "x" * 60 + "'..."
