"""`chatreel platform`, as a process of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from chatreel.main import run
from tests.raw_server import RawServer, Talk
from tests.sample_platform.chatbots import Directed, Saying, event, result
from tests.sample_platform.running import by_command, events_of, sqlite

type Output = pytest.CaptureFixture[str]
type Start = Callable[[Talk], RawServer]


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_and_tells_the_pages_why(
    tmp_path: Path, raw_server: Start, name: signal.Signals
) -> None:
    chatbot = Directed()
    with by_command(tmp_path / "log", "--chatbot", raw_server(chatbot).url) as platform:
        assert platform.process is not None
        with platform.visitor().open("Will there be an answer?") as response:
            chatbot.say(event("progress", progress=10))
            events = events_of(response)
            assert next(events).type == "progress"
            platform.process.send_signal(name)
            [last] = events
        assert json.loads(last.data) == {"error": "The platform is shutting down"}
        assert chatbot.left.wait(20)
        assert platform.process.wait(20) == 0
    assert [line for line in platform.log() if "Traceback" in line] == []


def test_a_database_of_one_s_own_is_kept(tmp_path: Path, raw_server: Start) -> None:
    database = tmp_path / "own.sqlite3"
    arguments = ("--chatbot", raw_server(Saying(result())).url, "--database", f"sqlite:///{database}")
    passwords = set()
    for question in ("First?", "Second?"):
        with by_command(tmp_path / "log", *arguments) as platform:
            passwords.add(platform.password)
            platform.visitor().ask(question)
    rows = sqlite(database, "SELECT query_str FROM analytics_chatmessages ORDER BY date_created")
    assert [row["query_str"] for row in rows] == ["First?", "Second?"]
    assert len(passwords) == 2


def test_another_address_of_this_machine_is_a_host_that_it_knows(tmp_path: Path, raw_server: Start) -> None:
    chatbot = raw_server(Saying(result()))
    with by_command(tmp_path / "log", "--listen", "127.0.0.9:0", "--chatbot", chatbot.url) as platform:
        assert platform.url.startswith("http://127.0.0.9:")
        assert [kind for kind, _ in platform.visitor().ask("There?")] == ["result"]
        stranger = requests.get(platform.url, headers={"Host": "example.org"}, timeout=20)
    assert stranger.status_code == 400
    assert [line for line in platform.log() if "example.org" in line] == [
        "Invalid HTTP_HOST header: 'example.org'. You may need to add 'example.org' to ALLOWED_HOSTS."
    ]
    assert "Traceback" not in "".join(platform.log())


def test_the_chatbot_and_the_database_come_from_the_environment_too(
    tmp_path: Path, raw_server: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHATBOT_DEEP_STREAM_URL", raising=False)  # it would come first
    chatbot = Saying(result("From the environment"))
    database = tmp_path / "environment.sqlite3"
    environment = {
        "CHATBOT_DEEP_URL": f"{raw_server(chatbot).url}/deep",
        "DATABASE_URL": f"sqlite:///{database}",
    }
    with by_command(tmp_path / "log", **environment) as platform:
        platform.visitor().ask("Whence?")
    assert chatbot.requests[0].startswith(b"POST /deep/stream HTTP/1.1\r\n")
    [row] = sqlite(database, "SELECT response_str FROM analytics_chatmessages")
    assert row["response_str"] == "From the environment"
    assert not any("the answers are kept in" in line for line in platform.log())


@pytest.mark.parametrize(
    ("arguments", "environment", "reason"),
    [
        (["--database", "nonsense"], {}, "--database: "),
        (["--database", "sqlite:////nowhere/x.sqlite3"], {}, "cannot use the database: unable to open"),
        (["--database", "postgres://x@127.0.0.1:1/x"], {}, "cannot use the database: connection"),
        ([], {"CHATBOT_POLL_INTERVAL": "soon"}, "CHATBOT_POLL_INTERVAL: 'soon' is no number of seconds"),
        ([], {"MAX_POLL_TIMEOUT_SECONDS": "inf"}, "max_poll_time must be more than 0 and at most"),
    ],
)
def test_settings_that_cannot_be_are_one_line(
    arguments: list[str], environment: dict[str, str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-m", "chatreel", "platform", "--listen", "127.0.0.1:0", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_it_stays_on_this_machine(capsys: Output) -> None:
    assert run(["platform", "--listen", "0.0.0.0:8000", "--database", "sqlite:///x"]) == 2
    assert "this platform is a sample, and stays on this machine" in capsys.readouterr().err


def test_an_address_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        command = [sys.executable, "-m", "chatreel", "platform", "--listen", address]
        database = ["--database", f"sqlite:///{tmp_path}/x.sqlite3"]
        done = subprocess.run([*command, *database], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"chatreel: cannot listen on {address}: ")
    assert done.stderr.count("\n") == 1


def test_without_django_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in {"django", "sample_platform"}]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "django", None)
    assert run(["platform", "--database", "sqlite:///x"]) == 2
    assert capsys.readouterr().err == (
        "chatreel: the platform needs django, which is an extra: pip install 'chatreel[platform]'\n"
    )
