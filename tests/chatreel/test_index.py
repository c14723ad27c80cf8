"""`chatreel index`, and the commands that use what it made."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import requests

from cassettes.file.reader import Cassette
from cassettes.file.saved_index import SUFFIX
from cassettes.samples import resolve
from chatreel.main import run
from foundation.clock import SECOND, SYSTEM
from tests.child import start_child

type Output = pytest.CaptureFixture[str]


@pytest.fixture
def cassette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "incident.jsonl"
    path.write_bytes(resolve("job").read_bytes())
    return path


@pytest.fixture
def never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the reading of a whole cassette fail."""

    def refuse(_cassette: Cassette) -> None:
        raise AssertionError("the cassette was read")

    monkeypatch.setattr(Cassette, "_read_all", refuse)


@pytest.mark.parametrize(
    "arguments", [["show"], ["show", "--sessions"], ["show", "--json", "--sessions"], ["diff"]]
)
def test_commands_say_the_same_with_an_index_and_read_nothing(
    cassette: Path, arguments: list[str], capsys: Output, request: pytest.FixtureRequest
) -> None:
    command = [
        arguments[0],
        str(cassette),
        *arguments[1:],
        *([str(cassette)] if arguments == ["diff"] else []),
    ]
    code = run(command)
    expected = capsys.readouterr()
    assert run(["index", str(cassette)]) == 0
    assert capsys.readouterr().out == f"{cassette}{SUFFIX}\n"
    request.getfixturevalue("never_read")
    assert run(command) == code == 0
    assert capsys.readouterr() == expected


def test_it_is_cleared(cassette: Path, capsys: Output) -> None:
    assert run(["index", str(cassette)]) == 0
    capsys.readouterr()
    assert run(["index", "--clear", str(cassette)]) == 0
    assert capsys.readouterr().out == f"removed {cassette}{SUFFIX}\n"
    assert not cassette.with_name(cassette.name + SUFFIX).exists()
    assert run(["index", "--clear", str(cassette)]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--clear", "--ignore", "/t"], "--clear removes the whole index: leave out --match and --ignore"),
        (["--match", "colour"], "colour"),
    ],
)
def test_what_cannot_be(cassette: Path, arguments: list[str], message: str, capsys: Output) -> None:
    assert run(["index", str(cassette), *arguments]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_what_is_no_cassette_is_said_on_one_line(tmp_path: Path, capsys: Output) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("{}\n")
    assert run(["index", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_replay_makes_it_in_the_background_and_uses_it_the_next_time(cassette: Path) -> None:
    cassette.write_bytes(resolve("health").read_bytes() * 4000)
    place = cassette.with_name(cassette.name + SUFFIX)
    answers = []
    for _ in range(2):
        process = start_child(
            *(sys.executable, "-m", "chatreel", "replay", cassette),
            *("--listen", "127.0.0.1:0", "--admin", "off"),
        )
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            answers.append(requests.get(f"{ready.split()[-1]}/health", timeout=20).json())
            until = SYSTEM.now() + 60 * SECOND
            while not place.exists():
                assert SYSTEM.now() < until
                SYSTEM.sleep(0.05)
            made = place.stat().st_mtime_ns
        finally:
            process.terminate()
            process.communicate(timeout=20)
        assert place.stat().st_mtime_ns == made
    assert answers[0] == answers[1]
