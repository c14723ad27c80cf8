"""What happens where Chatreel does not run: one line, before anything is imported that such a system lacks."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chatreel.supported_platform import refusal
from chatreel.testing import server_process
from chatreel.testing.fixture_errors import TestServerError

REFUSED = "Chatreel runs on Linux and macOS, and not on win32; on Windows, install and run it in WSL"


@pytest.mark.parametrize(("platform", "said"), [("linux", ""), ("darwin", ""), ("win32", REFUSED)])
def test_where_it_runs(platform: str, said: str) -> None:
    assert refusal(platform) == said


def test_the_first_command_elsewhere_is_one_line() -> None:
    program = (
        "import sys; sys.platform = 'win32'\n"
        "for name in ('fcntl', 'resource', 'termios', 'click', 'pty'): sys.modules[name] = None\n"
        "from chatreel.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "record"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"chatreel: {REFUSED}\n")


def test_the_fixture_elsewhere_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_process.supported_platform, "refusal", lambda: REFUSED)
    with pytest.raises(TestServerError, match=REFUSED):
        server_process.TestServer()
