"""Workers: where they import from, that Ctrl-C leaves them alone, and messages on their pipes."""

from __future__ import annotations

import io
import os
import signal
from pathlib import Path

import pytest

from foundation.processes import prepare_worker, receive_frame, send_frame, start_worker

MODULE = "tests.foundation.test_processes"


def main() -> None:
    """A worker that sends each message back, and its niceness at last."""
    import sys  # noqa: PLC0415 - it runs in the worker

    before = os.nice(0)
    prepare_worker(1)
    while (message := receive_frame(sys.stdin.buffer)) is not None:
        send_frame(sys.stdout.buffer, message)
    send_frame(sys.stdout.buffer, str(os.nice(0) - before).encode())


def test_a_worker_goes_on_through_signals_until_its_stdin_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    (tmp_path / "foundation.py").write_text("raise SystemExit('the wrong module')")
    monkeypatch.chdir(tmp_path)
    with start_worker(MODULE) as worker:
        assert os.getpgid(worker.pid) == worker.pid  # a terminal signals another group
        assert worker.stdin is not None
        assert worker.stdout is not None
        for message in (b"one", b"", bytes(70_000)):
            send_frame(worker.stdin, message)
            assert receive_frame(worker.stdout) == message
            worker.send_signal(signal.SIGINT)
            worker.send_signal(signal.SIGTERM)
        worker.stdin.close()
        assert receive_frame(worker.stdout) == b"1"
        assert receive_frame(worker.stdout) is None
    assert worker.returncode == 0


@pytest.mark.parametrize("cut", range(1, 7))
def test_a_message_that_is_cut_is_none(cut: int) -> None:
    pipe = io.BytesIO()
    send_frame(pipe, b"abc")
    assert receive_frame(io.BytesIO(pipe.getvalue())) == b"abc"
    assert receive_frame(io.BytesIO(pipe.getvalue()[:-cut])) is None
