from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

from chatreel.commands.replay import cassettes
from chatreel.main import run
from foundation.errors import UsageError

HAR: dict[str, Any] = {
    "log": {
        "entries": [
            {
                "startedDateTime": "2026-01-01T00:00:00Z",
                "request": {"method": "GET", "url": "http://h/seen", "headers": []},
                "response": {"status": 200, "headers": [], "content": {"text": "ok"}},
            },
            {"startedDateTime": "never"},
        ]
    }
}
YAML = """\
interactions:
- request: {method: GET, uri: http://h/seen, headers: {}, body: null}
  response: {status: {code: 200, message: OK}, headers: {}, body: {string: ok}}
"""


def written(path: Path) -> Path:
    """A file that is what its name begins with."""
    if path.name.startswith("har"):
        path.write_text(json.dumps(HAR))
    elif path.name.startswith("vcr"):
        path.write_text(YAML)
    else:
        flow = tflow.tflow(resp=True)
        flow.request.path = "/seen"
        with path.open("wb") as file:
            FlowWriter(file).add(flow)
    return path


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("name", ["har.har", "har", "har.jsonl", "vcr.yaml", "vcr", "flow.flow", "flow.txt"])
def test_show_reads_what_other_programs_wrote(
    name: str, tmp_path: Path, temporary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / name)
    assert run(["show", str(path)]) == 0
    said = capsys.readouterr()
    assert "/seen" in said.out
    assert f"chatreel: {path} is read as a" in said.err
    assert ("entry 2: left out" in said.err) is name.startswith("har")
    assert not list(temporary.iterdir())


def test_diff_compares_what_different_programs_wrote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diff", str(written(tmp_path / "har.har")), str(written(tmp_path / "vcr.yaml"))]) in {0, 1}
    assert "is read as a cassette of vcrpy" in capsys.readouterr().err


def test_misses_are_not_added_to_a_file_of_another_program(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"adds to a cassette, and .*har\.har is none"):
        cassettes([str(written(tmp_path / "har.har"))], "record")


def test_what_cannot_be_read_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none.har"
    path.write_text('{"log": {"entries": [{}]}}')
    assert run(["show", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
