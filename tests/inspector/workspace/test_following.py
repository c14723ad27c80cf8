"""A recording that runs now: the page's answers grow with the file."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.inspector.inspector_client import InspectorClient
from tests.inspector.recordings import HEADER, append, chunk, end, event, plain, request, response


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return append(tmp_path / "live.jsonl", [])


@pytest.fixture
def api(inspected: Callable[..., str], path: Path) -> InspectorClient:
    return InspectorClient(inspected(path))


def test_a_stream_grows_while_one_watches(api: InspectorClient, path: Path):
    assert api.indexed()["total"] == 0
    append(path, [request(0, 0, "POST", "/s"), response(0, 5, content_type="text/event-stream")])
    found = api.until(lambda found: found["total"] == 1, "exchanges")
    assert found["rows"][0]["how"] == "unfinished"
    for number in range(1, 4):
        append(path, [chunk(0, number * 10, event("progress", {"progress": number}))])
        page = api.until(lambda page, count=number + 1: page["count"] == count, "exchange/0.0/moments")
        assert [moment["name"] for moment in page["moments"]] == ["200 OK", *["progress"] * number]
        assert not page["end"]
    assert api.json("overview")["files"][0]["growing"]
    append(path, [end(0, 99, "reset")])
    page = api.until(lambda page: page["end"], "exchange/0.0/moments", since=4)
    assert [(moment["what"], moment["name"]) for moment in page["moments"]] == [("end", "reset")]
    [row] = api.until(lambda found: found["rows"], "exchanges", filter="how:reset events:3")["rows"]
    assert row["duration"] == 99


def test_a_torn_line_waits_for_its_rest(api: InspectorClient, path: Path):
    api.indexed()
    line = json.dumps(request(0, 0, "GET", "/torn")).encode() + b"\n"
    with path.open("ab") as file:
        file.write(line[:50])
    api.until(lambda found: found["files"][0]["growing"], "overview")
    assert api.json("exchanges")["total"] == 0
    with path.open("ab") as file:
        file.write(line[50:])
    assert api.until(lambda found: found["total"] == 1, "exchanges")["rows"][0]["target"] == "/torn"


def test_a_job_is_put_together_as_it_goes(api: InspectorClient, path: Path):
    job = {"job_id": "job_ab12cd34", "status": "running"}
    append(path, plain(0, 0, "/api/v1/stream?mode=job", job, method="POST"))
    append(path, plain(1, 10_000, "/jobs/job_ab12cd34", job))
    found = api.until(lambda found: found["matched"] == 2, "exchanges", filter="job:0.0")
    assert {row["session"] for row in found["rows"]} == {"0.0"}
    assert api.json("job/0.0")["ended"] is False
    append(path, plain(2, 20_000, "/jobs/job_ab12cd34", job | {"status": "succeeded"}))
    api.until(lambda found: found["matched"] == 3, "exchanges", filter="job:0.0")
    assert api.json("job/0.0")["how"] == "succeeded"


def test_a_file_that_is_replaced_is_opened_anew(api: InspectorClient, path: Path):
    append(path, plain(0, 0, "/old") + plain(1, 10_000, "/old"))
    api.until(lambda found: found["summed"] and found["total"] == 2, "exchanges")
    append(path.with_name("new.jsonl"), plain(0, 0, "/new")).replace(path)
    found = api.until(lambda found: found["summed"] and found["total"] == 1, "exchanges")
    assert found["rows"][0]["target"] == "/new"


def test_a_compressed_one_is_followed_too(inspected: Callable[..., str], path: Path):
    packed = path.with_name("live.jsonl.zst")
    compress = zstandard.ZstdCompressor().compress
    packed.write_bytes(compress(path.read_bytes()))
    api = InspectorClient(inspected(packed))
    assert api.indexed()["total"] == 0
    lines = "".join(json.dumps(line) + "\n" for line in plain(0, 0, "/a"))
    with packed.open("ab") as file:
        file.write(compress(lines.encode()))
    found = api.until(lambda found: found["summed"] and found["total"] == 1, "exchanges")
    assert found["rows"][0]["how"] == "complete"


def test_a_broken_line_is_shown_and_what_was_there_stays(api: InspectorClient, path: Path):
    append(path, plain(0, 0, "/a"))
    api.until(lambda found: found["summed"] and found["total"] == 1, "exchanges")
    with path.open("ab") as file:
        file.write(b"no record\n")
    [warning] = api.until(lambda found: found["files"][0]["warnings"], "overview")["files"][0]["warnings"]
    assert "line 6: expected a record in JSON" in warning
    assert api.json("exchange/0.0")["how"] == "complete"


def test_a_second_recording_in_the_file_is_a_new_one(api: InspectorClient, path: Path):
    append(path, plain(0, 0, "/a"))
    append(path, [{**HEADER, "created": "2026-11-23T00:00:00Z"}, *plain(0, 0, "/b")])
    assert [row["target"] for row in api.until(lambda found: found["total"] == 2, "exchanges")["rows"]] == [
        "/a",
        "/b",
    ]
    assert api.json("overview")["files"][0]["created"] == "2026-11-23T00:00:00Z"


def changes(api: InspectorClient) -> Iterator[Any]:
    """The changes that the server sends, one by one."""
    connection = http.client.HTTPConnection(api.host, timeout=10)
    try:
        connection.request("GET", "/inspect/api/changes")
        answer = connection.getresponse()
        assert answer.headers["Content-Type"] == "text/event-stream"
        while line := answer.readline():
            if line.startswith(b"data: "):
                yield json.loads(line.removeprefix(b"data: "))
    finally:
        connection.close()


def test_changes_are_shown_as_they_come(api: InspectorClient, path: Path):
    api.indexed()
    events = changes(api)
    first = next(events)
    assert (first["exchanges"], first["files"][0]["exchanges"]) == ([], 0)
    append(path, plain(0, 0, "/a"))
    named: set[str] = set()
    version = first["version"]
    for change in events:
        assert change["version"] > version
        version = change["version"]
        named.update(change["exchanges"])
        if change["files"][0]["summed"] == 1 and named:
            break
    assert named == {"0.0"}
    events.close()
