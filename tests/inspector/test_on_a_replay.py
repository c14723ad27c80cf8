"""The page on a replay's admin listener, beside the replay's own API."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from cassettes.samples import samples
from chatreel.commands.replay import replaying
from chatreel.workflows.threaded_server import Threaded
from replayer.faults.language.declared_parameters import parameters
from replayer.faults.language.registry import FAULTS, family
from replayer.server import ReplaySettings
from tests.inspector.inspector_client import InspectorClient
from tests.inspector.recordings import append, plain

type Start = Callable[..., tuple[InspectorClient, InspectorClient]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a replay; what listens where it plays, and its admin listener."""
    with contextlib.ExitStack() as stack:

        def launch(*paths: Path, **settings: object) -> tuple[InspectorClient, InspectorClient]:
            @contextlib.asynccontextmanager
            async def run() -> AsyncIterator[str]:
                where = {"listen": ("127.0.0.1", 0), **settings}
                async with replaying(paths, ReplaySettings(**where)) as ready:  # type: ignore[arg-type] # as a test says
                    yield ready

            replay, admin = re.findall(r"http://\S+", stack.enter_context(Threaded(run)))
            return InspectorClient(replay), InspectorClient(admin)

        yield launch


def test_the_page_and_the_admin_api_are_beside_each_other(start: Start):
    replay, admin = start(samples()["stream"], samples()["job"])
    response, body = admin.request("/inspect/")
    assert (response.status, b"main.js" in body) == (200, True)
    assert admin.request("/")[0].headers["Location"] == "/inspect/"
    found = admin.json("overview")
    assert (bool(found["replay_url"]), [file["name"] for file in found["files"]]) == (
        True,
        ["stream.jsonl", "job.jsonl"],
    )
    assert admin.indexed()["total"] == 6
    assert json.loads(admin.request("/health")[1])["exchanges"] == 6
    # The replay listener has nothing but what was recorded.
    assert replay.request("/inspect/")[0].status == 501


def test_nothing_is_opened_before_somebody_looks(start: Start, tmp_path: Path):
    path = append(tmp_path / "a.jsonl", plain(0, 0, "/a"))
    replay, admin = start(path)
    path.unlink()
    append(path, plain(0, 0, "/a") + plain(1, 10_000, "/b"))
    assert admin.json("exchanges")["total"] == 2
    assert replay.request("/a")[0].status == 200


def test_the_admin_token_is_asked_for(start: Start):
    _, admin = start(samples()["health"], admin_token="open sesame")
    assert admin.request("/inspect/")[0].status == 200
    assert admin.request("/inspect/api/overview")[0].status == 401
    response, body = admin.request("/inspect/api/overview", Authorization="Bearer open sesame")
    assert (response.status, json.loads(body)["token_needed"]) == (200, True)


def test_a_cassette_that_is_no_longer_there_is_waited_for(start: Start, tmp_path: Path):
    path = append(tmp_path / "a.jsonl", plain(0, 0, "/a"))
    _, admin = start(path)
    path.unlink()
    assert admin.json("overview")["files"] == []
    append(path, plain(0, 0, "/a"))
    assert admin.until(lambda found: found["files"], "overview")["files"][0]["exchanges"] == 1


def test_a_cassette_that_broke_is_shown(start: Start, tmp_path: Path):
    path = append(tmp_path / "a.jsonl", plain(0, 0, "/a"))
    _, admin = start(path)
    path.write_bytes(b"no record\n")
    assert "line 1: expected a record in JSON" in admin.error("overview", 500)
    assert "line 1: expected a record in JSON" in admin.error("changes", 500)


def test_a_larger_file_than_the_admin_api_takes_can_be_imported(start: Start, tmp_path: Path):
    _, admin = start(samples()["health"])
    path = append(tmp_path / "a.jsonl", plain(0, 0, "/a", {"text": "x" * (2 << 20)}))
    assert admin.post("import?name=a.jsonl", path.read_bytes()) == (
        200,
        b'{"file":1,"skipped":{},"warnings":[]}',
    )


def test_the_catalogue_has_every_fault(start: Start):
    _, admin = start(samples()["health"])
    listed = json.loads(admin.request("/faults/catalogue")[1])["faults"]
    assert [one["name"] for one in listed] == list(FAULTS)
    for one in listed:
        assert (one["family"], one["example"]) == (family(FAULTS[one["name"]]), FAULTS[one["name"]].example)
        assert one["summary"] == one["help"].partition("\n")[0]
        assert [parameter["name"] for parameter in one["parameters"]] == list(parameters(FAULTS[one["name"]]))
    [needed] = [one for one in listed if one["name"] == "status"]
    assert {"code", "path"} <= {parameter["name"] for parameter in needed["parameters"]}
    assert [one["limit"] for one in needed["parameters"] if one["name"] in {"code", "path"}] == [False, True]
