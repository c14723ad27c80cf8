"""Starts processes, mostly servers, and measures their memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

READY = re.compile(r"(?:on http://|listening at )127\.0\.0\.1:(\d+)")
PATIENCE = 30
"""Seconds that a process may take to end."""


class Process:
    """A process that prints a line when it is ready; a context manager, entered once it is.

    The first group of the expression `ready` is the port of a server.
    """

    def __init__(self, *command: str, ready: re.Pattern[str] = READY) -> None:
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._ready = ready
        self._line = ""

    @property
    def address(self) -> tuple[str, int]:
        """The address at which it listens."""
        found = self._ready.search(self._line)
        assert found is not None
        return "127.0.0.1", int(found[1])

    @property
    def ready_line(self) -> str:
        """The line that said that it is ready."""
        return self._line

    def __enter__(self) -> Self:
        output = self._process.stdout
        assert output is not None
        lines = [""]
        while not self._ready.search(lines[-1]):
            lines.append(output.readline())
            if not lines[-1]:
                output.close()
                self._process.wait(PATIENCE)
                raise RuntimeError(f"{self._process.args!r} did not start: {''.join(lines)}")
        self._line = lines[-1]
        # A pipe that nobody reads fills up and stops who writes to it.
        self._drain = threading.Thread(target=output.read)
        self._drain.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        self._drain.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def memory(self) -> int:
        """Its resident set now, in bytes."""
        return self._status("VmRSS")

    def peak_memory(self) -> int:
        """The peak of its resident set, in bytes."""
        return self._status("VmHWM")

    def cpu_time(self) -> float:
        """The CPU time that it took so far, in seconds."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def family_memory(self) -> int:
        """The resident sets of it and of its child processes now, in bytes; a child that has ended has none."""
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        children = [int(child) for task in tasks for child in task.read_text().split()]
        return self.memory() + sum(resident(child) for child in children)

    def _status(self, name: str) -> int:
        found = status_of(self._process.pid, name)
        assert found is not None
        return found


def resident(process: int) -> int:
    """The resident set of a process now, in bytes; 0 for one that has ended, whether it was waited for or not."""
    try:
        return status_of(process, "VmRSS") or 0
    except FileNotFoundError:
        return 0


def status_of(process: int, name: str) -> int | None:
    """A size in the status of a process, in bytes; None where it has none, as that of one that has ended."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def chatreel(command: str, *arguments: str) -> Process:
    """A command of ours that is a server, on a free port."""
    return module("chatreel", command, *arguments, "--listen", "127.0.0.1:0")


def replay(cassette: Path) -> Process:
    """`chatreel replay` of one cassette."""
    return chatreel("replay", str(cassette), "--admin", "off")


def module(name: str, *arguments: str) -> Process:
    """A Python module that is run as a server."""
    return Process(sys.executable, "-m", name, *arguments)
