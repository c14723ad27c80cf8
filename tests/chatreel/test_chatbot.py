"""`chatreel chatbot`, as a process of its own."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import IO

import pytest
import requests

from chatreel.main import run
from tests.child import start_child

type Start = Callable[..., tuple["subprocess.Popen[str]", str]]


def stdout_of(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the command on a free port; the process and its url, from the ready line."""
    running: list[subprocess.Popen[str]] = []

    def launch(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-m", "chatreel", "chatbot", "--listen", "127.0.0.1:0", *arguments]
        process = start_child(*command)
        running.append(process)
        ready = re.fullmatch(r"chatbot ready on (http://127\.0\.0\.1:\d+)\n", stdout_of(process).readline())
        assert ready
        return process, ready[1]

    yield launch
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_asked_to_stop(start: Start, name: signal.Signals) -> None:
    process, url = start("--pace", "0")
    assert requests.get(f"{url}/health", timeout=10).json()["status"] == "healthy"
    history = [{"role": "user", "content": "x"}]
    requests.post(
        f"{url}/api/v1/stream", json={"query": "\x1b", "conversation_history": history}, timeout=10
    ).close()
    process.send_signal(name)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "")
    assert "Conversation history: 1 messages\n" in err
    assert "Query: '\\x1b'\n" in err


def test_the_options_reach_the_chatbot(start: Start) -> None:
    options = (
        "--pace",
        "0",
        "--strict-sessions",
        "--workers-cookie",
        "--polling-url",
        "absolute",
        "--seed",
        "7",
    )
    answers = []
    for _ in range(2):
        _, url = start(*options)
        created = requests.post(f"{url}/api/v1/stream?mode=job", json={}, timeout=10)
        assert created.json()["polling_url"] == f"{url}/jobs/{created.json()['job_id']}"
        assert requests.get(created.json()["polling_url"], timeout=10).status_code == 401
        answers.append((created.json()["job_id"], created.cookies.get_dict()))
    assert answers[0] == answers[1]
    assert set(answers[0][1]) == {"AWSALB", "AWSALBCORS", "session_id"}


def test_heartbeats_come_as_often_as_asked(start: Start) -> None:
    _, url = start("--pace", "0.01", "--heartbeat", "0.5")
    body = requests.post(f"{url}/api/v1/stream", json={}, timeout=10).text
    assert body.count("event: heartbeat\ndata: {}\n\n") == 4


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--pace", "-1"], "the pace must be"),
        (["--pace", "nan"], "the pace must be"),
        (["--heartbeat", "-1"], "the heartbeat must be"),
        (["--listen", "nowhere"], "is no address"),
        (["--polling-url", "other"], "'other' is not one of"),
    ],
)
def test_a_wrong_option_is_one_line(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["chatbot", *arguments]) == 2
    err = capsys.readouterr().err
    assert reason in err
    assert err.count("\n") == 1


def test_an_address_that_is_taken_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert run(["chatbot", "--listen", address]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"chatreel: cannot listen on {address}: ")
    assert err.count("\n") == 1
