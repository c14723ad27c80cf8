"""HAR and flow files become cassettes as a recording would be: redacted before anything is written."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.addons.savehar import SaveHar
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

from cassettes.file.other_formats import is_foreign
from cassettes.file.reader import Cassette
from foundation.errors import CassetteError, ChatreelError
from recorder.import_file import import_file

COOKIE = "c0ffee5e5510n1d0123456789"
TOKEN = "Zx81kQp7vT2mLw9R"
MAIL = "jane.doe@example.com"


def har_file(folder: Path) -> Path:
    """A cookie that is issued late in the file but early in time, and comes back in an earlier entry's body."""

    def entry(second: int, headers: dict[str, str], given: dict[str, str], text: str) -> dict[str, Any]:
        return {
            "startedDateTime": f"2026-11-22T12:00:0{second}Z",
            "request": {
                "method": "GET",
                "url": f"http://h/a?api_key={TOKEN}",
                "headers": [{"name": name, "value": value} for name, value in headers.items()],
            },
            "response": {
                "status": 200,
                "headers": [{"name": name, "value": value} for name, value in given.items()],
                "content": {"size": len(text), "text": text},
            },
        }

    later = entry(2, {"Cookie": f"session_id={COOKIE}"}, {}, f"you are {COOKIE}, {MAIL}")
    first = entry(1, {}, {"Set-Cookie": f"session_id={COOKIE}; Path=/"}, "")
    socket = entry(3, {}, {}, "") | {"_resourceType": "websocket"}
    path = folder / "saved.HAR"
    path.write_text(json.dumps({"log": {"entries": [later, socket, first]}}))
    return path


def flow_file(folder: Path) -> Path:
    flow = tflow.tflow(resp=True)
    flow.request.headers["Authorization"] = f"Bearer {TOKEN}"
    flow.response.headers["Set-Cookie"] = f"session_id={COOKIE}"
    flow.response.text = f"you are {COOKIE}, {MAIL}"
    path = folder / "seen.flows"
    with path.open("wb") as file:
        FlowWriter(file).add(flow)
        FlowWriter(file).add(tflow.tdnsflow())
    return path


MAKERS: list[Callable[[Path], Path]] = [har_file, flow_file]


@pytest.mark.parametrize("make", MAKERS)
def test_secrets_are_replaced_before_anything_is_written(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    target = tmp_path / "out.jsonl"
    skipped = import_file(make(tmp_path), target, rules=(), report=pytest.fail)
    data = target.read_bytes()
    assert COOKIE.encode() not in data
    assert TOKEN.encode() not in data
    assert MAIL.encode() in data
    assert skipped.total() == 1
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with Cassette.open(target) as cassette:
        assert len(list(cassette.exchanges())) == (2 if make is har_file else 1)


@pytest.mark.parametrize("make", MAKERS)
def test_rules_replace_more(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    import_file(make(tmp_path), tmp_path / "out.jsonl", rules=["email"], report=pytest.fail)
    assert MAIL.encode() not in (tmp_path / "out.jsonl").read_bytes()


@pytest.mark.parametrize("make", MAKERS)
def test_without_redaction_all_is_kept(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    import_file(make(tmp_path), tmp_path / "out.jsonl", rules=None, report=pytest.fail)
    data = (tmp_path / "out.jsonl").read_bytes()
    assert COOKIE.encode() in data
    assert TOKEN.encode() in data


def test_what_is_missing_is_reported(tmp_path: Path) -> None:
    path = flow_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    reports: list[str] = []
    import_file(path, tmp_path / "out.jsonl", rules=(), report=reports.append)
    assert reports == [f"{path}: left out the last flow, which a crash tore"]


def test_what_cannot_be_imported_makes_no_cassette(tmp_path: Path) -> None:
    broken, target = tmp_path / "broken.har", tmp_path / "out.jsonl"
    broken.write_bytes(b"{}")
    with pytest.raises(CassetteError, match=r"broken\.har"):
        import_file(broken, target, rules=(), report=pytest.fail)
    with pytest.raises(CassetteError, match="cannot be read"):
        import_file(tmp_path / "missing.flow", target, rules=(), report=pytest.fail)
    with pytest.raises(ChatreelError, match="bogus"):
        import_file(har_file(tmp_path), target, rules=["bogus"], report=pytest.fail)
    assert not target.exists()


def test_a_cassette_that_exists_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_bytes(b"older")
    with pytest.raises(CassetteError, match="exists"):
        import_file(har_file(tmp_path), target, rules=(), report=pytest.fail)
    assert target.read_bytes() == b"older"


def test_a_har_file_of_mitmproxy_is_what_its_flow_file_is(tmp_path: Path) -> None:
    flow = tflow.tflow(resp=True)
    flow.request.method = "POST"
    flow.response.content = b"data: \xc3\xa9\n\n"
    flows, har = tmp_path / "seen.flow", tmp_path / "saved.har"
    with flows.open("wb") as file:
        FlowWriter(file).add(flow)
    har.write_text(json.dumps(SaveHar().make_har([flow])))
    found = []
    for path in (flows, har):
        target = path.with_suffix(f"{path.suffix}.jsonl")
        import_file(path, target, rules=None, report=pytest.fail)
        with Cassette.open(target) as cassette:
            found.append(cassette.exchange(0))
    of_flow, of_har = found
    assert of_har == of_flow


@pytest.mark.parametrize("name", ["a.har", "a.HAR", "a.flow", "a.flows", "a.mitm"])
def test_files_of_others_are_known_by_their_names(name: str) -> None:
    assert is_foreign(Path(name))


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.zst", "har", "a"])
def test_anything_else_is_a_cassette(name: str) -> None:
    assert not is_foreign(Path(name))


@pytest.mark.parametrize("make", MAKERS)
def test_more_entries_than_the_bound_are_refused_with_how_to_raise_it(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path, target = make(tmp_path), tmp_path / "out.jsonl"
    with pytest.raises(CassetteError, match=r"entries, and 0 are read at most: .* --most-entries \d"):
        import_file(path, target, rules=(), report=pytest.fail, most_entries=0)
    assert not target.exists()
    import_file(path, target, rules=(), report=pytest.fail, most_entries=2)
