"""A cassette that becomes a HAR file and a cassette again is what it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cassettes.file import format_v1
from cassettes.file.reader import Cassette
from cassettes.har import HarFile, export
from cassettes.model import HOWS, AnyRecord, Chunk, End, Exchange, Header, Loss, Request, Response
from cassettes.samples import samples
from tests.cassettes.har.rules import check
from tests.cassettes.recorded import save

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
OCTETS = st.text(st.characters(max_codepoint=255), max_size=12)
NAMES = st.sampled_from(
    ["Content-Type", "content-encoding", "Cookie", "Set-Cookie", "Location", ":path", "X-Other"]
)
VALUES = OCTETS | st.sampled_from(["text/event-stream", "a=1; b=2", "a=1; Expires=x; Path=/", "gzip"])
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=4).map(tuple)
BODIES = st.binary(max_size=30) | st.sampled_from([b"data: 1\n\n", b"\xef\xbb\xbfx", b"\r\n", b"\xc3"])
EXTRAS = st.just({}) | st.dictionaries(st.just("later"), st.integers() | TEXT, min_size=1)
GAPS = st.integers(0, 10**7)
URLS = TEXT | st.sampled_from(["http://h/a?b=c&d", "http://[::1", "ws://h/", "data:,x"])


@st.composite
def exchanges(draw: st.DrawFn, number: int) -> list[AnyRecord]:
    at = draw(GAPS)
    own: dict[str, Any] = {"exchange": number}
    records: list[AnyRecord] = [
        Request(
            at=at,
            method=draw(TEXT),
            url=draw(URLS),
            http=draw(TEXT),
            headers=draw(HEADERS),
            body=draw(BODIES),
            encoding=draw(TEXT),
            extra=draw(EXTRAS),
            **own,
        )
    ]
    if draw(st.booleans()):
        at += draw(GAPS)
        records.append(
            Response(
                at=at,
                status=draw(st.integers(100, 999)),
                reason=draw(TEXT),
                headers=draw(HEADERS),
                http=draw(TEXT),
                encoding=draw(TEXT),
                extra=draw(EXTRAS),
                **own,
            )
        )
        for data in draw(st.lists(BODIES, max_size=4)):
            at += draw(GAPS)
            records.append(Chunk(at=at, data=data, extra=draw(EXTRAS), **own))
    if draw(st.booleans()):
        records.append(Loss(at=at, reason=draw(TEXT), records=1, bytes=draw(GAPS), **own))
    at += draw(GAPS)
    how = draw(st.sampled_from(HOWS))
    records.append(End(at=at, how=how, message=draw(TEXT), extra=draw(EXTRAS), **own))  # type: ignore[arg-type]
    return records


@st.composite
def cassettes(draw: st.DrawFn) -> list[AnyRecord]:
    records: list[AnyRecord] = []
    for _ in range(draw(st.integers(1, 2))):
        created = draw(st.sampled_from(["2026-11-22T12:00:00.000001Z", "", "1970-01-01T00:00:00+02:00"]))
        records.append(
            Header(version=1, created=created, recorder=draw(TEXT), upstream=draw(TEXT), extra=draw(EXTRAS))
        )
        numbers = draw(st.lists(st.integers(0, 9), unique=True, max_size=3))
        own = [draw(exchanges(number)) for number in numbers]
        records += sorted((record for each in own for record in each), key=lambda record: record.at)  # type: ignore[union-attr]
    return records


def there_and_back(path: Path) -> tuple[list[AnyRecord], list[Header], list[Exchange]]:
    """The records that come back, and the headers and exchanges that they make."""
    with Cassette.open(path) as cassette:
        text = "".join(export(cassette))
    check(json.loads(text))
    har = path.with_suffix(".har")
    har.write_text(text, encoding="utf-8")
    records = list(HarFile.open(har).records())
    with Cassette.open(save(path.with_name("back.jsonl"), records)) as cassette:
        return records, cassette.headers, list(cassette.exchanges())


def by_request(found: list[Exchange]) -> list[tuple[Any, ...]]:
    """Exchanges without their places, which those that began at once may change."""
    return sorted(
        (
            (one.request.at, one.request.exchange, one.request, one.response, one.chunks, one.losses, one.end)
            for one in found
        ),
        key=lambda one: one[:2],
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(cassettes())
def test_every_byte_and_every_time_comes_back(tmp_path: Path, records: list[AnyRecord]) -> None:
    path = save(tmp_path / "in.jsonl", records)
    _, headers, found = there_and_back(path)
    with Cassette.open(path) as cassette:
        assert headers == cassette.headers
        assert by_request(found) == by_request(list(cassette.exchanges()))


@pytest.mark.parametrize("name", samples())
def test_the_samples_come_back_line_by_line(name: str, tmp_path: Path) -> None:
    path = save(tmp_path / "in.jsonl", samples()[name].read_bytes())
    records, _, _ = there_and_back(path)
    assert format_v1.encode(records) == path.read_bytes()


def test_losses_outside_of_exchanges_come_back(tmp_path: Path) -> None:
    loss = Loss(at=9, reason="disk full", records=3)
    path = save(tmp_path / "in.jsonl", [Header(version=1, created="", recorder=""), loss])
    records, _, _ = there_and_back(path)
    assert records[1:] == [loss]


def changed(tmp_path: Path, change: Any) -> list[AnyRecord]:
    """The records of a sample's HAR file that somebody changed."""
    with Cassette.open(samples()["stream"]) as cassette:
        document = json.loads("".join(export(cassette)))
    change(document["log"])
    path = tmp_path / "changed.har"
    path.write_text(json.dumps(document))
    return list(HarFile.open(path).records())


def test_a_body_that_somebody_changed_is_cut_anew(tmp_path: Path) -> None:
    """The events are as many as before, so that each is a chunk at its time."""

    def change(log: Any) -> None:
        content = log["entries"][0]["response"]["content"]
        content["text"] = content["text"].replace("financial", "secret")

    records = changed(tmp_path, change)
    chunks = [record for record in records if isinstance(record, Chunk)]
    with Cassette.open(samples()["stream"]) as cassette:
        (was,) = cassette.exchanges()
    assert b"secret" in b"".join(chunk.data for chunk in chunks)
    assert [chunk.at for chunk in chunks] == [chunk.at for chunk in was.chunks]
    assert len(chunks) == len(was.chunks)


def test_two_entries_of_one_number_become_two_exchanges(tmp_path: Path) -> None:
    def change(log: Any) -> None:
        log["entries"] *= 2

    requests = [record for record in changed(tmp_path, change) if isinstance(record, Request)]
    assert [record.exchange for record in requests] == [0, 1]
