from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cassettes.file.reader import Cassette
from cassettes.har import export
from cassettes.model import AnyRecord, Chunk, End, Header, Loss, Request, Response
from cassettes.samples import samples
from tests.cassettes.har.rules import check, check_entry
from tests.cassettes.recorded import HEADER, request, save, whole

FIRST = b'id: 7\nevent: progress\ndata: {"progress": 10}\n\n: heartbeat\n\n'
SECOND = b"data: \xc3\xa9\n\n"

STREAM: list[AnyRecord] = [
    HEADER,
    Request(
        exchange=4,
        at=1_500_000,
        method="POST",
        url="http://h/a?q=1&q=%20&empty=",
        http="1.1",
        headers=(("Cookie", "a=1; b=2"), ("Content-Type", "application/json")),
        body=b'{"query":"hi"}',
    ),
    Response(
        exchange=4,
        at=1_510_250,
        status=200,
        reason="OK",
        headers=(
            ("Content-Type", "text/event-stream; charset=utf-8"),
            (
                "Set-Cookie",
                "s=1=2; Path=/; Domain=h; HttpOnly; Secure; SameSite=Lax; Expires=Sun, 29 Nov 2026 12:00:00 GMT",
            ),
            ("set-cookie", "t=; Expires=soon"),
        ),
    ),
    Chunk(exchange=4, at=1_520_001, data=FIRST),
    Chunk(exchange=4, at=2_500_002, data=SECOND),
    End(exchange=4, at=2_600_000, how="complete"),
]


def exported(path: Path, records: list[AnyRecord]) -> Any:
    with Cassette.open(save(path / "in.jsonl", records)) as cassette:
        har = json.loads("".join(export(cassette)))
    check(har)
    return har["log"]


def only(path: Path, records: list[AnyRecord]) -> Any:
    (entry,) = exported(path, records)["entries"]
    return entry


@pytest.mark.parametrize("name", samples())
def test_the_samples_are_har_1_2(name: str) -> None:
    with Cassette.open(samples()[name]) as cassette:
        har = json.loads("".join(export(cassette)))
        assert len(har["log"]["entries"]) == len(cassette)
    check(har)


def test_events_are_as_chrome_writes_them(tmp_path: Path) -> None:
    zero = 1795348800  # 2026-11-22T12:00:00Z
    assert only(tmp_path, STREAM)["_eventSourceMessages"] == [
        {"time": zero + 1.520001, "eventName": "progress", "eventId": "7", "data": '{"progress": 10}'},
        {"time": zero + 2.500002, "eventName": "message", "eventId": "7", "data": "é"},
    ]


def test_times_are_of_the_wall_and_in_milliseconds(tmp_path: Path) -> None:
    entry = only(tmp_path, STREAM)
    assert entry["startedDateTime"] == "2026-11-22T12:00:01.500000Z"
    assert entry["time"] == 1100.0
    assert entry["timings"] == {
        "blocked": -1, "dns": -1, "connect": -1, "ssl": -1, "send": 0, "wait": 10.25, "receive": 1089.75,
    }  # fmt: skip


def test_parts_that_har_takes_apart(tmp_path: Path) -> None:
    entry = only(tmp_path, STREAM)
    assert entry["request"]["cookies"] == [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    assert [(one["name"], one["value"]) for one in entry["request"]["queryString"]] == [
        ("q", "1"),
        ("q", " "),
        ("empty", ""),
    ]
    assert entry["response"]["cookies"] == [
        {
            "name": "s",
            "value": "1=2",
            "path": "/",
            "domain": "h",
            "httpOnly": True,
            "secure": True,
            "sameSite": "Lax",
            "expires": "2026-11-29T12:00:00+00:00",
        },
        {"name": "t", "value": ""},
    ]
    assert entry["request"]["postData"] == {
        "mimeType": "application/json",
        "params": [],
        "text": '{"query":"hi"}',
    }
    assert entry["response"]["content"] == {
        "size": len(FIRST + SECOND),
        "mimeType": "text/event-stream; charset=utf-8",
        "text": (FIRST + SECOND).decode(),
    }


@pytest.mark.parametrize(
    "date",
    [
        "soon",
        "29 Nov 12:00:00 99999999999999",
        "29 Nov 12:00:00 29 99999999999999",
        "31 Feb 2026 00:00:00 GMT",
    ],
)
def test_an_expiry_that_is_no_date_is_left_out(tmp_path: Path, date: str) -> None:
    head = Response(
        exchange=0, at=1, status=200, reason="", headers=(("Set-Cookie", f"a=b; Expires={date}"),)
    )
    entry = only(tmp_path, [HEADER, request(), head, *whole()[2:]])
    assert entry["response"]["cookies"] == [{"name": "a", "value": "b"}]


def test_bytes_that_are_no_text_are_in_base64(tmp_path: Path) -> None:
    entry = only(tmp_path, [HEADER, request(body=b"\xff"), *whole(data=b"\xfe\x00")[1:]])
    assert entry["response"]["content"] == {
        "size": 2,
        "mimeType": "text/event-stream",
        "text": "/gA=",
        "encoding": "base64",
    }
    assert entry["request"]["postData"] == {
        "mimeType": "",
        "params": [],
        "text": "/w==",
        "_encoding": "base64",
    }


def test_what_did_not_complete_says_so(tmp_path: Path) -> None:
    entry = only(tmp_path, [HEADER, request(), End(exchange=0, at=9, how="error", message="no route")])
    assert (entry["response"]["status"], entry["response"]["_error"]) == (0, "error no route")
    assert "_error" not in only(tmp_path, STREAM)["response"]


def test_no_text_of_the_traffic_is_outside_of_the_fields_of_har(tmp_path: Path) -> None:
    """So that a tool that cleans HAR files finds all of it."""
    extra = Loss(exchange=4, at=2_500_003, reason="disk full", records=1, bytes=2)
    ours = only(tmp_path, [*STREAM[:-1], extra, STREAM[-1]])["_chatreel"]
    assert ours == {
        "recording": 0,
        "request": {"exchange": 4, "at": 1_500_000, "http": "1.1", "encoding": ""},
        "response": {"at": 1_510_250, "http": "1.1", "encoding": ""},
        "chunks": [{"at": 1_520_001, "bytes": len(FIRST)}, {"at": 2_500_002, "bytes": len(SECOND)}],
        "losses": [
            {
                "kind": "loss",
                "at": 2_500_003,
                "reason": "disk full",
                "records": 1,
                "bytes": 2,
                "exchange": 4,
            }
        ],
        "end": {"kind": "end", "exchange": 4, "at": 2_600_000, "how": "complete"},
    }


def test_the_text_comes_an_entry_at_a_time(tmp_path: Path) -> None:
    path = save(tmp_path / "in.jsonl", [HEADER, *whole(0), *whole(1, 10), *whole(2, 20)])
    with Cassette.open(path) as cassette:
        pieces = list(export(cassette, [2, 0]))
    assert len(pieces) == 4
    for piece in pieces[1:3]:
        check_entry(json.loads(piece.strip().rstrip(",").lstrip(",")))
    entries = json.loads("".join(pieces))["log"]["entries"]
    assert [entry["_chatreel"]["request"]["exchange"] for entry in entries] == [2, 0]


def test_a_cassette_without_exchanges_is_a_har_file_too(tmp_path: Path) -> None:
    assert exported(tmp_path, [HEADER])["entries"] == []


@pytest.mark.parametrize("created", ["", "yesterday"])
def test_a_cassette_without_its_time_of_day_begins_in_1970(tmp_path: Path, created: str) -> None:
    records = [Header(version=1, created=created, recorder=""), *whole()]
    assert only(tmp_path, records)["startedDateTime"] == "1970-01-01T00:00:00.000000Z"


def test_times_beyond_the_calendar_are_its_last_moment(tmp_path: Path) -> None:
    entry = only(tmp_path, [HEADER, *whole(at=2**62)])
    assert entry["startedDateTime"] == "9999-12-31T23:59:59.999999Z"


def test_the_events_of_other_framings_are_messages_of_a_fetch(tmp_path):
    lines = [
        request(),
        Response(
            exchange=0, at=1, status=200, reason="OK", headers=(("Content-Type", "application/x-ndjson"),)
        ),
        Chunk(exchange=0, at=2, data=b'{"a": 1}\n{"a": 2}\n'),
        End(exchange=0, at=3, how="complete"),
    ]
    entry = only(tmp_path, [HEADER, *lines])
    assert entry["_resourceType"] == "fetch"
    assert [message["data"] for message in entry["_eventSourceMessages"]] == ['{"a": 1}', '{"a": 2}']
