"""`chatreel inspect`, as a process of its own."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
import requests

from cassettes.samples import samples
from chatreel.main import run
from tests.child import start_child

type Start = Callable[..., tuple["subprocess.Popen[str]", str, int]]

READY = re.compile(r"Inspecting (\d+) cassettes? on (http://127\.0\.0\.1:\d+)\n")
FREE = ("--listen", "127.0.0.1:0")


def stdout_of(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the command; the process, and the url and the number of cassettes from its ready line."""
    running: list[subprocess.Popen[str]] = []

    def launch(*arguments: str) -> tuple[subprocess.Popen[str], str, int]:
        command = [sys.executable, "-m", "chatreel", "inspect", *arguments]
        process = start_child(*command)
        running.append(process)
        ready = READY.fullmatch(stdout_of(process).readline())
        assert ready
        return process, ready[2], int(ready[1])

    yield launch
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_asked_to_stop(start: Start, name: signal.Signals):
    process, url, count = start("job", "stream", *FREE)
    assert count == 2
    assert "<title>" in requests.get(url, timeout=10).text
    # Whoever watches for changes must not hold it up, and neither must the process that sums up.
    with requests.get(f"{url}/inspect/api/changes", stream=True, timeout=10) as changes:
        assert next(changes.iter_lines()) == b"event: change"
        process.send_signal(name)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_without_a_file_it_shows_the_samples(start: Start):
    _, url, count = start(*FREE)
    files = requests.get(f"{url}/inspect/api/overview", timeout=10).json()["files"]
    assert [file["name"] for file in files] == [path.name for path in samples().values()]
    assert count == len(files)


def test_a_usual_port_that_is_taken_is_no_obstacle(start: Start):
    _, first, _ = start("health")
    _, second, _ = start("health")
    assert first != second


def test_the_token_can_come_from_the_environment(start: Start, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHATREEL_INSPECT_TOKEN", "open sesame")
    _, url, _ = start("health", *FREE)
    assert requests.get(f"{url}/inspect/api/overview", timeout=10).status_code == 401


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["nowhere"], "nowhere: there is no such file and no such sample"),
        (["--listen", "0.0.0.0:0"], "give --token, set CHATREEL_INSPECT_TOKEN, or keep it on 127.0.0.1"),
        (["--listen", "there"], "'there' is no address"),
        ([__file__], "line 1: expected"),
    ],
)
def test_what_cannot_be_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], error: str):
    assert run(["inspect", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert error in err


def test_a_port_in_use_is_one_line(capsys: pytest.CaptureFixture[str]):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run(["inspect", "health", "--listen", f"127.0.0.1:{taken.getsockname()[1]}"]) == 2
    assert "choose another address with --listen" in capsys.readouterr().err


def test_inspecting_needs_no_mitmproxy():
    program = "import sys, chatreel.commands.inspect; sys.exit('mitmproxy' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[2]).returncode
        == 0
    )
