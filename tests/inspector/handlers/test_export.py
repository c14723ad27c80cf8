"""What is exported can be imported, and is the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cassettes.file.reader import Cassette
from cassettes.samples import samples
from tests.inspector.inspector_client import InspectorClient, running
from tests.inspector.recordings import append, plain

NAMES = ("stream", "job")


@pytest.fixture
def api() -> Iterator[InspectorClient]:
    with running([samples()[name] for name in NAMES]) as api:
        api.indexed()
        yield api


def rows(api: InspectorClient, file: int) -> list[dict[str, object]]:
    """The rows of a file, without what is not the same in a copy of it."""
    found = [row for row in api.indexed()["rows"] if row["id"].startswith(f"{file}.")]
    return [{name: row[name] for name in row.keys() - {"id", "session", "job"}} for row in found]


@pytest.mark.parametrize("kind", ["jsonl", "har"])
def test_a_selection_goes_out_and_comes_in_again(api: InspectorClient, kind: str):
    status, data = api.post("export", {"format": kind, "ids": ["1.4", "1.0", "1.0", "0.0"]})
    assert status == 200
    status, answer = api.post(f"import?name=../some%20where/mine.{kind}", data)
    assert (status, json.loads(answer)) == (200, {"file": 2, "skipped": {}, "warnings": []})
    assert api.json("overview")["files"][2]["name"] == f"mine.{kind}"
    assert rows(api, 2) == [rows(api, 0)[0], rows(api, 1)[0], rows(api, 1)[4]]
    moments = [api.json(f"exchange/{one}.0/moments")["moments"] for one in (0, 2)]
    assert moments[0] == moments[1]


def test_what_a_filter_finds_goes_out(api: InspectorClient, tmp_path: Path):
    path = tmp_path / "out.jsonl"
    path.write_bytes(api.post("export", {"format": "jsonl", "filter": "path:/jobs/* -status:4xx"})[1])
    with Cassette.open(path) as exported, Cassette.open(samples()["job"]) as recorded:
        sent = [exchange.request.url for exchange in exported.exchanges()]
        assert sent == [exchange.request.url for exchange in list(recorded.exchanges())[1:]]
    status, data = api.post("export", {"format": "har", "filter": "kind:stream"})
    [entry] = json.loads(data)["log"]["entries"]
    assert (status, len(entry["_eventSourceMessages"])) == (200, 6)


def test_it_comes_as_a_download(api: InspectorClient):
    response, _ = api.request(
        "/inspect/api/export", "POST", json.dumps({"format": "har", "ids": ["0.0"]}).encode()
    )
    assert response.headers["Content-Disposition"] == 'attachment; filename="chatreel.har"'
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"format": "zip", "ids": ["0.0"]}, 400, "Invalid enum value 'zip'"),
        ({"format": "har"}, 400, "give either `ids` or `filter`"),
        ({"format": "har", "ids": ["0.0"], "filter": ""}, 400, "give either `ids` or `filter`"),
        ({"format": "har", "ids": []}, 400, "nothing is selected"),
        ({"format": "har", "filter": "nowhere"}, 400, "nothing is selected"),
        ({"format": "har", "filter": "nope:1"}, 400, "there is no nope:"),
        ({"format": "har", "ids": ["0.7"]}, 404, "there is no exchange 0.7"),
        ({"format": "har", "ids": ["x"]}, 400, "matching regex"),
        (b"{", 400, "in the body"),
    ],
)
def test_what_cannot_be_exported_is_said(api: InspectorClient, body: object, status: int, error: str):
    found, answer = api.post("export", body)
    assert (found, error in json.loads(answer)["error"]) == (status, True), answer


@pytest.mark.parametrize(
    ("name", "body", "error"),
    [
        ("a.txt", b"", "a.txt: expected a cassette"),
        ("a.jsonl.zst", b"", "unpack .zst first"),
        ("", b"", "in the query"),
        ("a.jsonl", b"", "a.jsonl: expected a cassette"),
        ("a.jsonl", b"no record\n", "a.jsonl, line 1: expected a record in JSON"),
        ("a.har", b"[]", "a.har: expected exchanges over HTTP"),
        ("a", b"interactions: 5", "a: expected a cassette of vcrpy"),
        ("a.flow", b"no flow", "a.flow, at byte 0: expected a flow"),
    ],
)
def test_what_cannot_be_imported_is_said(api: InspectorClient, name: str, body: bytes, error: str):
    status, answer = api.post(f"import?name={name}", body)
    assert (status, error in json.loads(answer)["error"]) == (400, True), answer
    assert len(api.json("overview")["files"]) == 2


def test_secrets_of_others_are_replaced(api: InspectorClient):
    request = {
        "method": "GET", "url": "http://bot.example/", "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [],
        "headers": [{"name": "Authorization", "value": "Bearer 4f1c2d9ab37e"}], "headersSize": -1, "bodySize": -1,
    }  # fmt: skip
    response = {
        "status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "headers": [], "redirectURL": "",
        "content": {"size": 2, "mimeType": "text/plain", "text": "ok"}, "headersSize": -1, "bodySize": 2,
    }  # fmt: skip
    entry = {
        "startedDateTime": "2026-11-22T12:00:00Z", "time": 1, "request": request, "response": response, "cache": {},
        "timings": {"send": 0, "wait": 1, "receive": 0},
    }  # fmt: skip
    log = {"version": "1.2", "creator": {"name": "another", "version": "1"}, "entries": [entry]}
    status, _ = api.post("import?name=a.har", {"log": log})
    assert status == 200
    found = api.json("exchange/2.0")
    assert "4f1c2d9ab37e" not in json.dumps(found)
    assert found["curl"].startswith("curl -N http://bot.example/ -H 'Authorization: Bearer ")


def test_too_large_a_file_is_refused_before_it_comes(api: InspectorClient):
    response, body = api.request("/inspect/api/import?name=a.har", "POST", b"", Content_Length=str(257 << 20))
    assert (response.status, json.loads(body)["error"]) == (413, "the file has more than 256 MiB")


def test_no_more_than_a_few_files_are_taken(tmp_path: Path):
    with running([]) as api:
        data = append(tmp_path / "a.jsonl", plain(0, 0, "/a")).read_bytes()
        statuses = [api.post("import?name=a.jsonl", data)[0] for _ in range(17)]
    assert statuses == [*[200] * 16, 413]
