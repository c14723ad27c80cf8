from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

from cassettes.file.format_v1 import encode
from cassettes.file.reader import Cassette
from cassettes.model import AnyRecord, Header, Loss, Unknown
from cassettes.samples import samples
from chatreel.main import run
from tests.cassettes.recorded import HEADER, save, whole
from tests.cassettes.talk import Talk

COOKIE = "c0ffee5e5510n1d0123456789"
OTHER = Header(version=1, created="", recorder="other")
FIVE: list[AnyRecord] = [HEADER, *(record for at in range(5) for record in whole(at, at * 10))]


def convert(*arguments: object) -> int:
    return run(["convert", *map(str, arguments)])


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line that says why."""
    assert convert(*arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("chatreel: ")
    assert output.err.count("\n") == 1
    return output.err


def test_a_program_reads_json_and_quiet_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = flow_file(tmp_path / "a.flow")
    assert convert(source, "--out", tmp_path / "a.jsonl", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said.pop("skipped")
    assert said == {"out": str(tmp_path / "a.jsonl"), "exchanges": 1}
    assert convert(source, "--out", tmp_path / "b.jsonl", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def records_of(path: Path) -> list[AnyRecord]:
    with Cassette.open(path) as cassette:
        return list(cassette.records())


def numbers_of(path: Path) -> list[int]:
    """The exchanges, by the numbers that they had."""
    with Cassette.open(path) as cassette:
        return [exchange.request.exchange for exchange in cassette.exchanges()]


def flow_file(path: Path) -> Path:
    flow = tflow.tflow(resp=True)
    flow.response.headers["Set-Cookie"] = f"session_id={COOKIE}"
    with path.open("wb") as file:
        FlowWriter(file).add(flow)
        FlowWriter(file).add(tflow.ttcpflow())
        FlowWriter(file).add(tflow.twebsocketflow())
    return path


@pytest.mark.parametrize("name", samples())
def test_a_sample_goes_to_har_and_comes_back(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    har, back, packed = tmp_path / "a.har", tmp_path / "b.jsonl", tmp_path / "c.jsonl.zst"
    count = len(numbers_of(samples()[name]))
    assert convert(name, "--out", har) == 0
    assert capsys.readouterr().err == f"chatreel: converted {count} exchanges into {har}\n"
    assert len(json.loads(har.read_text())["log"]["entries"]) == count
    assert convert(har, "--out", back, "--no-redact") == 0
    assert back.read_bytes() == samples()[name].read_bytes()
    assert convert(back, "--out", packed) == 0
    assert encode(records_of(packed)) == back.read_bytes()
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_cassette_is_copied_as_it_is(tmp_path: Path) -> None:
    """What is unknown and what is lost, too."""
    records = [
        *FIVE,
        Unknown(kind="later", extra={"note": 1}),
        Loss(at=99, reason="disk full"),
        OTHER,
        *whole(),
    ]
    assert convert(save(tmp_path / "in.jsonl.zst", records), "--out", tmp_path / "out.jsonl") == 0
    assert records_of(tmp_path / "out.jsonl") == records


def test_flows_become_a_cassette_and_what_is_skipped_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    assert convert(flow_file(tmp_path / "seen.mitm"), "--out", out) == 0
    said = capsys.readouterr().err
    assert said == f"chatreel: converted 1 exchanges into {out}; skipped 1 TCP, 1 WebSocket\n"
    assert COOKIE.encode() not in out.read_bytes()


def test_flows_become_har(tmp_path: Path) -> None:
    out = tmp_path / "out.har"
    assert convert(flow_file(tmp_path / "seen.flow"), "--out", out, "--no-redact") == 0
    (entry,) = json.loads(out.read_text())["log"]["entries"]
    assert entry["response"]["cookies"] == [{"name": "session_id", "value": COOKIE}]


def test_several_files_become_one(tmp_path: Path) -> None:
    one, other = save(tmp_path / "one.jsonl", FIVE), flow_file(tmp_path / "seen.flow")
    out, har = tmp_path / "out.jsonl", tmp_path / "out.har"
    assert convert(one, other, one, "--out", out) == 0
    with Cassette.open(out) as cassette:
        assert (len(cassette), len(cassette.headers)) == (11, 3)
    assert convert(one, other, one, "--out", har) == 0
    assert convert(har, "--out", out, "--no-redact", "--force") == 0
    with Cassette.open(out) as cassette:
        assert (len(cassette), len(cassette.headers)) == (11, 3)


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [(["3"], [3]), (["1-2"], [1, 2]), (["4", "0-1", "1"], [0, 1, 4]), (["0-4"], [0, 1, 2, 3, 4])],
)
@pytest.mark.parametrize("name", ["out.jsonl", "out.har"])
def test_exchanges_are_chosen(tmp_path: Path, chosen: list[str], numbers: list[int], name: str) -> None:
    source = save(tmp_path / "in.jsonl", FIVE)
    options = [part for one in chosen for part in ("--exchange", one)]
    assert convert(source, "--out", tmp_path / name, *options) == 0
    assert convert(tmp_path / name, "--out", tmp_path / "back.jsonl") == 0
    assert numbers_of(tmp_path / "back.jsonl") == numbers


def conversation() -> list[AnyRecord]:
    """Exchanges 0 and 2 are one client's, 1 and 3 another's, 4 nobody's."""
    talk = Talk()
    talk.add("/a", gives=[f"session_id={COOKIE}"])
    talk.add("/a", gives=["session_id=0123456789c0ffee"])
    talk.add("/b", cookies=f"session_id={COOKIE}")
    talk.add("/b", cookies="session_id=0123456789c0ffee")
    talk.add("/c", answer={"echo": COOKIE})
    return [HEADER, *talk.records()]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (["--session", "0"], [0, 2]),
        (["--session", "1"], [1, 3]),
        (["--session", "0-1"], [0, 1, 2, 3]),
        (["--session", "1", "--exchange", "4"], [1, 3, 4]),
    ],
)
def test_sessions_are_chosen(tmp_path: Path, options: list[str], numbers: list[int]) -> None:
    source = save(tmp_path / "in.jsonl", conversation())
    assert convert(source, "--out", tmp_path / "out.jsonl", *options) == 0
    assert numbers_of(tmp_path / "out.jsonl") == numbers


def test_a_cassette_is_redacted_when_asked_and_before_anything_is_chosen(tmp_path: Path) -> None:
    """The exchange that tells what is secret is not in what was chosen."""
    source, out = save(tmp_path / "in.jsonl", conversation()), tmp_path / "out.jsonl"
    assert convert(source, "--out", out, "--exchange", "4") == 0
    assert COOKIE.encode() in out.read_bytes()
    assert convert(source, "--out", out, "--exchange", "4", "--redact", "email", "--force") == 0
    assert COOKIE.encode() not in out.read_bytes()


def test_a_torn_line_is_left_out_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = save(tmp_path / "in.jsonl", encode(FIVE) + b'{"kind":'), tmp_path / "out.jsonl"
    assert convert(source, "--out", out) == 0
    said = capsys.readouterr().err.splitlines()
    assert said[0] == f"chatreel: {source}: left out the last line, which a crash tore"
    assert records_of(out) == FIVE


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.zst", "out.har"])
def test_an_older_file_is_replaced_only_by_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    source, out = save(tmp_path / "in.jsonl", FIVE), tmp_path / name
    out.write_bytes(b"older")
    assert f"{out} exists: --force replaces it" in refused(capsys, source, "--out", out)
    assert out.read_bytes() == b"older"
    assert convert(source, "--out", out, "--force") == 0
    assert out.read_bytes() != b"older"


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_file_is_never_its_own_copy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], force: tuple[str, ...]
) -> None:
    source = save(tmp_path / "in.jsonl", FIVE)
    link = tmp_path / "link.jsonl"
    link.symlink_to(source)
    for target in (source, link):
        assert "is a FILE itself" in refused(capsys, "stream", source, "--out", target, *force)
    assert records_of(source) == FIVE


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("in.jsonl", encode(FIVE) + b"broken\n"),
        ("in.jsonl", b""),
        ("in.har", b'{"log":{"entries":[{}]}}'),
        ("in.flow", b"no flow"),
        ("in.jsonl.zst", b"no frames"),
    ],
)
def test_a_broken_file_costs_no_older_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes
) -> None:
    source, out = tmp_path / name, tmp_path / "out.jsonl"
    source.write_bytes(content)
    out.write_bytes(b"older")
    assert str(source) in refused(capsys, "stream", source, "--out", out, "--force")
    assert out.read_bytes() == b"older"
    assert sorted(tmp_path.iterdir()) == sorted([source, out])


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["stream", "--out", "out.json"], "its name says what to write: .jsonl, .jsonl.zst, .har"),
        (["stream", "--out", "out.flow"], "its name says what to write"),
        (["stream", "job", "--out", "out.jsonl", "--exchange", "0"], "choose from one FILE"),
        (
            ["stream", "--out", "out.jsonl", "--exchange", "1"],
            "there are 1 exchanges, counted from 0: there is no 1",
        ),
        (
            ["stream", "--out", "out.jsonl", "--session", "0-7"],
            "there are 1 sessions, counted from 0: there is no 7",
        ),
        (["stream", "--out", "out.jsonl", "--exchange", "2-1"], "write 3 or 0-4"),
        (["stream", "--out", "out.jsonl", "--exchange", "-1"], "write 3 or 0-4"),
        (["stream", "--out", "out.jsonl", "--no-redact", "--redact", "email"], "exclude each other"),
        (["stream", "--out", "out.jsonl", "--redact", "bogus"], "bogus"),
        (["stream", "--out", "missing/out.jsonl"], "there is no folder missing; make it first"),
        (["nosuch.har", "--out", "out.jsonl"], "no such file"),
        (["stream"], "--out"),
        (["--out", "out.jsonl"], "FILE"),
    ],
)
def test_errors_are_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    why: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert why in refused(capsys, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_only_flow_files_need_mitmproxy(tmp_path: Path) -> None:
    program = (
        "import sys; from chatreel.main import run; code = run(sys.argv[1:]); "
        "sys.exit(code or str({'mitmproxy', 'tornado'} & set(sys.modules)) != 'set()')"
    )
    arguments = ["convert", "stream", "--out", str(tmp_path / "out.har")]
    assert subprocess.run([sys.executable, "-c", program, *arguments], check=False).returncode == 0


def test_how_many_entries_are_read_can_be_raised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = flow_file(tmp_path / "a.flow")
    with source.open("ab") as file:
        file.write(source.read_bytes())
    arguments = (source, "--out", tmp_path / "a.jsonl", "--most-entries")
    assert "--most-entries 2" in refused(capsys, *arguments, 1)
    assert convert(*arguments, 2) == 0
