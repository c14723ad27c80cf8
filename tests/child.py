"""Starts a process that a test sends signals to."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def start_child(*command: str | Path, **options: Any) -> subprocess.Popen[str]:
    """A running process with pipes for stdout and stderr in UTF-8, unless Popen's `options` say otherwise.

    SIGINT and SIGTERM have their default dispositions in it, even where the tests run with these signals ignored: a
    background job of a script does. Call it in the main thread, as Python allows no other to change dispositions.
    """
    defaults: dict[str, Any] = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        "encoding": "utf-8",
    }
    with default_dispositions():
        return subprocess.Popen(command, **(defaults | options))


@contextlib.contextmanager
def default_dispositions() -> Iterator[None]:
    """Handle SIGINT and SIGTERM as a shell's foreground job does: a child inherits only that a signal is ignored."""
    handlers: dict[signal.Signals, Any] = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
