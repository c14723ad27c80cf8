"""A session as a test: pytest runs it, and nothing that was recorded runs in it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from cassettes.samples import samples
from tests.inspector.inspector_client import InspectorClient, running
from tests.inspector.recordings import append, event, plain, stream

HOSTILE = '\'\'\'"\\n""" ]; raise SystemExit(3) #\u2028é'


def saved(api: InspectorClient, session: str, folder: Path) -> Path:
    """Write the test of a session and its cassette, as the page does; returns the test's path."""
    test = api.json(f"session/{session}/test")
    status, cassette = api.post("export", {"ids": test["exchanges"], "format": "jsonl"})
    assert status == 200
    (folder / test["cassette"]).write_bytes(cassette)
    (folder / test["name"]).write_text(test["text"], encoding="utf-8")
    return folder / test["name"]


def run(path: Path) -> tuple[int, str]:
    """The exit code and the output of pytest."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path.name]
    found = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, timeout=50, check=False)
    return found.returncode, found.stdout + found.stderr


def test_a_saved_session_passes_and_fails_where_an_answer_is_another(tmp_path: Path):
    with running([samples()["job"]]) as api:
        api.indexed()
        test = saved(api, "0.0", tmp_path)
    assert run(test)[0] == 0, run(test)[1]
    text = test.read_text(encoding="utf-8")
    assert text.count(", 200),\n") == 4
    test.write_text(text.replace(", 200),\n", ", 201),\n"), encoding="utf-8")
    code, output = run(test)
    assert (code, "assert 200 == 201" in output) == (1, True)


def test_what_was_recorded_is_data_in_it_and_broken_answers_are_read(tmp_path: Path):
    lines = [
        *plain(0, 0, "/a?b=%20\u00e9", {}, method="POST"),
        *stream(1, 9, [(1, event("hi", {}))], how="reset"),
    ]
    lines[0] |= {
        "body": HOSTILE,
        "headers": [["Host", "x"], ["X-Odd", HOSTILE.replace("\n", "")], ["Bad Name", "y"]],
    }
    lines[0]["headers"] += [["Cookie", "a=1"], ["Cookie", "b=2"]]
    lines[4]["headers"] += [["Cookie", "a=1"]]
    with running([append(tmp_path / 'odd".jsonl', lines)]) as api:
        api.indexed()
        test = saved(api, "0.0", tmp_path)
    module = ast.parse(test.read_text(encoding="utf-8"))
    requests = next(node for node in module.body if isinstance(node, ast.Assign)).value
    method, path, headers, body, status = ast.literal_eval(requests)[0]
    assert (method, path, body, status) == ("POST", "/a?b=%20%C3%A9", HOSTILE.encode(), 200)
    assert headers["X-Odd"].encode("latin-1") == HOSTILE.encode()
    assert (headers["Cookie"], sorted(headers)) == ("a=1; b=2", ["Cookie", "X-Odd"])


def test_a_session_that_is_too_large_is_refused(tmp_path: Path):
    lines = plain(0, 0, "/a", {}, method="POST")
    lines[0]["body"] = "x" * (1 << 20)
    with running([append(tmp_path / "large.jsonl", lines)]) as api:
        api.indexed()
        assert "too large for a test" in api.error("session/0.0/test", 413)
        assert "there is no exchange 0.9" in api.error("session/0.9/test", 404)
