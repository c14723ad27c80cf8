"""Every planted secret is gone from the bytes on disk, and every innocent text is there as it was sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from cassettes import model
from cassettes.file.reader import Cassette
from foundation.clock import SYSTEM
from recorder.assembly import RequestData, RequestEnd, RequestHead, ResponseData, ResponseEnd, ResponseHead
from recorder.open_recording import open_recording
from recorder.recorder import Recorder
from tests.recorder.innocent_traffic import INNOCENT
from tests.recorder.planted_secrets import TABLE, Traffic


def record(path: Path, traffic: Sequence[Traffic]) -> tuple[dict[int, bytes], list[str]]:
    """The lines of each exchange on disk, also as they are meant, and what was reported."""
    reports: list[str] = []
    recorder = open_recording(path, clock=SYSTEM, report=reports.append)
    for one in traffic:
        see(recorder, one)
    recorder.close(patience=30)
    assert recorder.whole
    lines: dict[int, bytes] = {}
    for line in path.read_bytes().splitlines(keepends=True):
        number = json.loads(line).get("exchange", -1)
        lines[number] = lines.get(number, b"") + line
    with Cassette.open(path) as cassette:
        for number, exchange in enumerate(cassette.exchanges()):
            head = exchange.response.headers if exchange.response else ()
            request = exchange.request
            lines[number] += (
                repr((request.url, request.headers, head)).encode() + request.body + exchange.body
            )
    return lines, reports


def see(recorder: Recorder, one: Traffic) -> None:
    number = recorder.begin()
    sent = (("Host", "h"), ("Content-Type", one.media), *one.headers)
    answered = (("Content-Type", one.answer_media), *one.answer_headers)
    events = [
        RequestHead(recorder.at(), "POST", f"http://h{one.url}", "1.1", sent),
        *([RequestData(recorder.at(), one.body)] if one.body else []),
        RequestEnd(recorder.at()),
        ResponseHead(recorder.at(), 200, "OK", "1.1", answered),
        *(ResponseData(recorder.at(), data) for data in one.answer),
        ResponseEnd(recorder.at()),
    ]
    for event in events:
        recorder.see(number, event)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return record(tmp_path_factory.mktemp("planted") / "recording.jsonl", TABLE)


@pytest.fixture(scope="module")
def innocent(tmp_path_factory) -> dict[str, model.Exchange]:
    path = tmp_path_factory.mktemp("innocent") / "recording.jsonl"
    record(path, INNOCENT)
    with Cassette.open(path) as cassette:
        return {one.label: exchange for one, exchange in zip(INNOCENT, cassette.exchanges(), strict=True)}


def test_the_tables_are_as_large_as_the_documents_say():
    assert len({one.label for one in TABLE}) == len(TABLE) == 279
    assert len({one.label for one in INNOCENT}) == len(INNOCENT) == 118


@pytest.mark.parametrize("number", range(len(TABLE)), ids=lambda number: TABLE[number].label)
def test_a_planted_secret_is_nowhere_on_disk(planted, number):
    lines, reports = planted
    on_disk = lines[number]
    assert on_disk.count(b"\n") >= 3
    assert [secret for secret in TABLE[number].secrets if secret.encode() in on_disk] == []
    assert [secret for secret in TABLE[number].secrets if secret in "".join(reports)] == []


@pytest.mark.parametrize("one", INNOCENT, ids=lambda one: one.label)
def test_an_innocent_text_is_kept(innocent, one):
    kept = innocent[one.label]
    assert kept.request.url == f"http://h{one.url}"
    assert kept.request.body == one.body
    assert kept.body == b"".join(one.answer)
    assert dict(kept.request.headers).items() >= dict(one.headers).items()
