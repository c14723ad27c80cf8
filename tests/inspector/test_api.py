"""The views of the API, over real sockets, of the samples and of cassettes made for the tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cassettes.samples import samples
from tests.cassettes.answers.conversations_of_protocols import ARGUMENTS, TEXT, written
from tests.inspector.inspector_client import InspectorClient, running
from tests.inspector.recordings import append, chunk, event, plain, request, response, stream

SAMPLES = ("stream", "job")


@pytest.fixture(scope="module")
def api() -> Iterator[InspectorClient]:
    """The API of an inspector of two samples: 0 is a stream, 1 a job."""
    with running([samples()[name] for name in SAMPLES]) as api:
        api.indexed()
        yield api


def ids(found: dict[str, list[dict[str, str]]]) -> list[str]:
    return [row["id"] for row in found["rows"]]


def test_the_overview_shows_the_files(api: InspectorClient):
    found = api.json("overview")
    assert (found["replay_url"], found["token_needed"]) == ("", False)
    assert [(file["file"], file["name"], file["exchanges"], file["summed"]) for file in found["files"]] == [
        (0, "stream.jsonl", 1, 1),
        (1, "job.jsonl", 5, 5),
    ]
    assert found["files"][0]["upstream"].startswith("http://127.0.0.1:")
    assert not found["files"][0]["growing"]


def test_a_row_shows_an_exchange_at_a_glance(api: InspectorClient):
    [row] = api.json("exchanges", filter="kind:stream")["rows"]
    assert {name: row[name] for name in ("id", "session", "job", "kind", "method", "target", "status")} == {
        "id": "0.0", "session": "0.0", "job": None, "kind": "stream", "method": "POST", "target": "/api/v1/stream",
        "status": 200,
    }  # fmt: skip
    assert (row["events"], row["chunks"], row["how"], row["lossy"]) == (6, 6, "complete", False)
    assert 0 < row["first_event"] < row["duration"]
    polled = api.json("exchanges", filter="kind:job")
    assert ids(polled) == [f"1.{number}" for number in range(5)]
    assert {row["job"] for row in polled["rows"]} == {"1.0"}
    assert {row["session"] for row in polled["rows"]} == {"1.0"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["0.0", "1.0", "1.1", "1.2", "1.3", "1.4"]),
        ({"sort": "-began"}, ["1.4", "1.3", "1.2", "1.1", "1.0", "0.0"]),
        ({"since": 4}, ["1.3", "1.4"]),
        ({"since": 1, "limit": 2}, ["1.0", "1.1"]),
        ({"since": 99}, []),
        ({"filter": "path:/jobs/*", "sort": "-bytes", "limit": 1}, ["1.4"]),
        ({"sort": "-duration", "limit": 1}, ["0.0"]),
        ({"sort": "-kind", "limit": 1}, ["0.0"]),
        ({"sort": "target", "limit": 2}, ["0.0", "1.0"]),
        ({"sort": "-method", "limit": 2}, ["0.0", "1.0"]),
        ({"sort": "-status", "limit": 1}, ["1.0"]),
        ({"sort": "-session", "limit": 5}, ["1.0", "1.1", "1.2", "1.3", "1.4"]),
        ({"sort": "first_event", "limit": 5}, ["1.0", "1.1", "1.2", "1.3", "1.4"]),
        ({"sort": "how"}, ["0.0", "1.0", "1.1", "1.2", "1.3", "1.4"]),
    ],
)
def test_rows_are_filtered_sorted_and_shown_in_pages(
    api: InspectorClient, query: dict[str, object], expected: list[str]
):
    for _ in range(2):  # the second time it is remembered
        found = api.json("exchanges", **query)
        assert ids(found) == expected
        assert found["total"] == 6


def test_an_exchange_is_shown_with_its_neighbours_and_as_curl(api: InspectorClient):
    found = api.json("exchange/1.2")
    assert (found["previous"], found["next"], found["how"]) == ("1.1", "1.3", "complete")
    assert found["row"]["id"] == "1.2"
    assert found["request"]["method"] == "GET"
    assert found["response"]["status"] == 200
    assert found["response"]["body"]["json"] is True
    assert json.loads(found["response"]["body"]["text"])["status"] == "running"
    assert found["curl"].startswith("curl -N http://127.0.0.1:")
    assert "-H 'Cookie: " in found["curl"]
    assert (api.json("exchange/1.0")["previous"], api.json("exchange/1.4")["next"]) == (None, None)


def test_moments_and_chunks_are_shown_in_pages(api: InspectorClient):
    found = api.json("exchange/0.0/moments")
    assert (found["count"], found["end"]) == (8, True)
    assert [moment["what"] for moment in found["moments"]] == ["head", *["event"] * 6, "end"]
    assert [moment["n"] for moment in found["moments"]] == list(range(8))
    page = api.json("exchange/0.0/moments", since=3, limit=2)
    assert page["moments"] == found["moments"][3:5]
    pieces = api.json("exchange/0.0/chunks", since=2, limit=2)
    assert (pieces["count"], [one["n"] for one in pieces["chunks"]]) == (6, [2, 3])
    assert pieces["chunks"][1]["offset"] == pieces["chunks"][0]["offset"] + pieces["chunks"][0]["size"]
    whole = api.json("exchange/0.0/moment/6")
    assert whole["text"].startswith('{"progress"') or json.loads(whole["text"])


def test_a_job_is_shown_by_its_polls(api: InspectorClient):
    found = api.json("job/1.0")
    assert [(poll["id"], poll["status"], poll["progress"]) for poll in found["polls"]] == [
        ("1.0", "pending", None), ("1.1", "running", 25), ("1.2", "running", 50), ("1.3", "running", 75),
        ("1.4", "succeeded", 100),
    ]  # fmt: skip
    assert (found["ended"], found["how"], found["polls"][-1]["result"]) == (True, "succeeded", True)
    times = [poll["at"] for poll in found["polls"]]
    assert times == sorted(times)
    assert api.json("job/1.3") == found
    assert "belongs to no job" in api.error("job/0.0", 404)


def test_a_session_is_shown_with_its_tokens(api: InspectorClient):
    listed = api.json("sessions")
    assert [(one["id"], one["exchanges"], one["jobs"], one["errors"]) for one in listed["sessions"]] == [
        ("0.0", 1, 0, 0),
        ("1.0", 5, 1, 0),
    ]
    found = api.json("session/1.0")
    names = {token["key"]: token["name"] for token in found["tokens"]}
    assert set(names.values()) == {"AWSALB", "session_id", "/job_id"}
    assert {token["issued_by"] for token in found["tokens"]} == {"1.0"}
    assert all(len(token["shown"]) <= 11 for token in found["tokens"])
    first, second = found["exchanges"][:2]
    assert (first["sends"], second["lacks"]) == ([], [])
    assert {names[place["key"]] for place in second["sends"]} == set(names.values())
    assert "no session" in api.error("session/1.9", 404)


def test_lost_cookies_are_shown(inspected: Callable[..., str], tmp_path: Path):
    given = plain(
        0, 0, "/api/v1/stream?mode=job", {"job_id": "job_ab12cd34", "status": "pending"}, method="POST"
    )
    given[1]["headers"] += [
        ["Set-Cookie", "session_id=4f1c2d9ab37e; Path=/"],
        ["Set-Cookie", "own=77aa88bb99; Path=/x"],
    ]
    kept, lost = (
        plain(number, number * 10_000, "/jobs/job_ab12cd34", {"status": "running"}) for number in (1, 2)
    )
    kept[0]["headers"].append(["Cookie", "session_id=4f1c2d9ab37e"])
    api = InspectorClient(inspected(append(tmp_path / "a.jsonl", [*given, *kept, *lost])))
    api.indexed()
    exchanges = api.json("session/0.0")["exchanges"]
    assert [[place["name"] for place in one["lacks"]] for one in exchanges] == [[], [], ["session_id"]]


def test_two_answers_are_compared(inspected: Callable[..., str]):
    api = InspectorClient(inspected("stream", "history"))
    api.indexed()
    found = api.json("diff", left="0.0", right="1.0")
    assert found["verdict"] == "different"
    assert [(pair["left"], pair["right"]) for pair in found["pairs"]] == [
        (number, number) for number in range(8)
    ]
    assert [pair["what"] for pair in found["pairs"]].count("changed") == 2
    in_pairs = [one for pair in found["pairs"] for one in pair["differences"]]
    assert sorted(map(str, in_pairs)) == sorted(map(str, found["differences"]))
    assert (found["left"]["row"]["id"], found["right"]["count"]) == ("0.0", 8)
    assert api.json("diff", left="0.0", right="0.0")["verdict"] == "same"


def test_what_is_missing_moved_or_extra_is_shown(inspected: Callable[..., str], tmp_path: Path):
    def answer(number: int, *names: str, how: str = "complete") -> list[dict[str, object]]:
        parts = [(turn * 1000, event(name, {"step": name * 5})) for turn, name in enumerate(names, 1)]
        return stream(number, number * 1_000_000, parts, how)

    lines = [*answer(0, "abc", "def", "ghi", "jkl"), *answer(1, "ghi", "abc", "def", "xyz")]
    api = InspectorClient(inspected(append(tmp_path / "a.jsonl", lines)))
    pairs = api.json("diff", left="0.0", right="0.1")["pairs"]
    found = {(pair["left"], pair["right"]): pair["what"] for pair in pairs}
    assert found[0, 0] == found[1, 2] == "same"
    assert (found[3, 1], found[4, None], found[None, 4], found[5, 5]) == ("moved", "missing", "extra", "same")


def test_plain_bodies_and_unanswered_requests_are_compared(inspected: Callable[..., str], tmp_path: Path):
    lines = [
        *plain(0, 0, "/a", {"answer": 1}),
        *plain(1, 10_000, "/a", {"answer": 2}),
        request(2, 20_000, "GET", "/a"),
    ]
    api = InspectorClient(inspected(append(tmp_path / "a.jsonl", lines)))
    found = api.json("diff", left="0.0", right="0.1")
    assert [(pair["what"], [one["pointer"] for one in pair["differences"]]) for pair in found["pairs"]] == [
        ("same", []), ("changed", ["/answer"]), ("same", []),
    ]  # fmt: skip
    found = api.json("diff", left="0.0", right="0.2")
    assert found["verdict"] == "could-not-compare"
    assert [pair["what"] for pair in found["pairs"]] == ["missing"] * 3


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("exchanges?limit=0", 400, "in the query: Expected `int` >= 1"),
        ("exchanges?limit=1001", 400, "in the query: Expected `int` <= 1000"),
        ("exchanges?since=-1", 400, "in the query"),
        ("exchanges?sort=size", 400, "in the query: Invalid enum value 'size'"),
        ("exchanges?nope=1", 400, "unknown field `nope`"),
        ("exchanges?filter=a&filter=b", 400, "`filter` is given 2 times"),
        ("exchanges?filter=" + "a" * 1001, 400, "length <= 1000"),
        ("exchanges?filter=nope:1", 400, "there is no nope: to filter by"),
        ("exchanges?filter=%ff", 400, "in the query"),
        ("exchange/0.1", 404, "there is no exchange 0.1"),
        ("exchange/2.0", 404, "there is no exchange 2.0"),
        ("exchange/0.0/moment/8", 404, "there is no moment 8"),
        ("exchange/0.x", 404, "Not Found"),
        ("exchange/0.0/moments?limit=2000", 400, "in the query"),
        ("diff?left=0.0", 400, "missing required field `right`"),
        ("diff?left=0.0&right=x", 400, "matching regex"),
        ("diff?left=0.0&right=7.7", 404, "there is no exchange 7.7"),
        ("nope", 404, "Not Found"),
        ("", 404, "Not Found"),
    ],
)
def test_what_cannot_be_answered_is_said(api: InspectorClient, path: str, status: int, error: str):
    assert error in api.error(path, status)


@pytest.mark.parametrize(
    ("method", "status"), [("POST", 405), ("PUT", 405), ("DELETE", 405), ("OPTIONS", 204)]
)
def test_other_methods(api: InspectorClient, method: str, status: int):
    response, body = api.request("/inspect/api/overview", method)
    assert response.status == status
    assert body == b"" or "error" in json.loads(body)


def test_a_question_takes_no_body(api: InspectorClient):
    response, body = api.request("/inspect/api/overview", body=b"x")
    assert (response.status, "takes no body" in json.loads(body)["error"]) == (400, True)


def test_a_cassette_that_was_cut_under_us_is_shown(inspected: Callable[..., str], tmp_path: Path):
    path = append(tmp_path / "a.jsonl", plain(0, 0, "/a"))
    api = InspectorClient(inspected(path))
    api.indexed()
    with path.open("r+b") as file:
        file.truncate(150)
    error = api.error("exchange/0.0", 500)
    assert str(path) in error


def test_an_exchange_that_goes_on_has_no_end_yet(inspected: Callable[..., str], tmp_path: Path):
    lines = [
        request(0, 0, "POST", "/s"),
        response(0, 5, content_type="text/event-stream"),
        chunk(0, 9, event("progress", {}) + "event: res"),
    ]
    api = InspectorClient(inspected(append(tmp_path / "a.jsonl", lines)))
    [row] = api.indexed()["rows"]
    assert (row["how"], row["events"]) == ("unfinished", 1)
    found = api.json("exchange/0.0/moments")
    assert (found["count"], found["end"]) == (2, False)
    assert api.json("exchange/0.0")["how"] == "unfinished"


def test_a_text_is_searched_in_the_background_and_while_the_file_grows(tmp_path: Path):
    lines = stream(
        0, 0, [(1000, event("progress", {"step": "one"})), (2000, event("result", {"text": "Wanted"}))]
    )
    cassette = append(tmp_path / "live.jsonl", [*lines[:3], *plain(1, 9, "/other", {"text": "wanted, too"})])
    with running([cassette]) as api:
        search = {"filter": "body:wanted"}
        assert ids(api.until(lambda found: found["searched"] == 100, "exchanges", **search)) == ["0.1"]
        append(cassette, lines[3:])
        assert ids(api.until(lambda found: found["matched"] == 2, "exchanges", **search)) == ["0.0", "0.1"]
        assert ids(api.json("exchanges", filter="-body:wanted")) == []
        assert api.json("exchanges", filter="status:200")["searched"] == 100
        status, body = api.post("export", {"filter": "body:wanted", "format": "jsonl"})
        assert (status, body.count(b'"kind":"request"')) == (200, 2)


def test_an_export_waits_for_the_search(tmp_path: Path):
    lines = [line for number in range(50) for line in plain(number, number, "/a", {"text": "wanted"})]
    with running([append(tmp_path / "some.jsonl", lines)]) as api:
        status, body = api.post("export", {"filter": "body:wanted", "format": "jsonl"})
        assert (status, body.count(b'"kind":"request"')) == (200, 50)


def test_an_answer_is_shown_with_the_moments_that_say_it(inspected: Callable[..., str], tmp_path: Path):
    chunks = [(place * 1000 + 5000, data.decode()) for place, data in enumerate(written("anthropic"))]
    failed = plain(1, 10**9, "/v1/messages", {"error": {"message": "no"}}, method="POST", status=500)
    origin = inspected(append(tmp_path / "a.jsonl", [*stream(0, 0, chunks), *failed]))
    api = InspectorClient(origin)
    answer = api.json("exchange/0.0/answer")["answer"]
    assert (answer["protocol"], answer["finish_reason"], answer["ended"]) == ("anthropic", "tool_use", True)
    assert json.loads(answer["tool_calls"][0]["arguments"]) == ARGUMENTS
    assert "".join(piece["text"] for piece in answer["pieces"] if piece["kind"] == "text") == TEXT
    moments = {one["n"]: one for one in api.json("exchange/0.0/moments", limit=1000)["moments"]}
    assert all(moments[piece["moment"]]["at"] == piece["at"] for piece in answer["pieces"])
    assert api.json("exchange/0.1/answer") == {"answer": None}
