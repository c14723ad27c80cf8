"""The pipe to the test server when something goes wrong on either side."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatreel.testing.fixture_errors import ChatreelError, TestServerError
from chatreel.testing.server_process import TestServer

ROOT = Path(__file__).parents[3]


class Interrupted(BaseException):
    """What Ctrl-C and a timeout raise, for this test."""


@pytest.fixture
def interruptible() -> Iterator[None]:
    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, interrupt)
    yield
    signal.signal(signal.SIGUSR1, before)


@pytest.fixture
def server() -> Iterator[TestServer]:
    server = TestServer(grace=0.1)
    yield server
    server.stop()


def start(server: TestServer, folder: Path, *cassettes: str, **options: object) -> Any:
    recorders = {"mode": "none", "upstream": "", "test": "test_it", "claims": str(folder)}
    return server.request(
        "start", test=0, recorders=recorders, cassettes=cassettes, options=options, folders=[folder],
        import_path=sys.path, working_directory=str(folder),
    )  # fmt: skip


@pytest.mark.parametrize("then", ["", "import threading; threading.Event().wait()"], ids=["goes on", "hangs"])
def test_an_interrupted_request_ends_the_server(server, tmp_path, interruptible, then):
    (tmp_path / "interrupts.py").write_text(f"import os; os.kill(os.getppid(), {signal.SIGUSR1:d})\n{then}\n")
    with pytest.raises(Interrupted):
        start(server, tmp_path, "health", fault_module="interrupts.py")
    assert server.interrupted
    assert not server.running


def test_a_defect_is_reported_with_its_traceback_and_the_server_goes_on(server, tmp_path):
    with pytest.raises(TestServerError, match="KeyError"):
        server.request("explain-misses", test=7)
    assert start(server, tmp_path, "health")["recorded"] is False


def test_a_name_that_is_no_text_in_utf_8_is_refused_in_a_line(server, tmp_path):
    with pytest.raises(ChatreelError, match=r"there is no cassette .*\udcff\.jsonl"):
        start(server, tmp_path, os.fsdecode(b"\xff.jsonl"))
    assert server.running


def test_it_ends_although_a_forked_child_keeps_the_pipe_open(tmp_path):
    program = """
import os
from chatreel.testing.server_process import TestServer
server = TestServer(grace=50)  # which imports for seconds on a busy machine
until, parent = os.pipe()
if os.fork() == 0:
    os.close(parent)
    os.read(until, 1)
    server.stop()  # as the end of a program does
    os._exit(0)
server.stop()
print(server._process.returncode)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.stdout, run.stderr) == ("0\n", "")
