"""What it takes to ask a live chatbot what a cassette's clients asked and to compare the answers, beside `requests`.

The chatbot is the sample at its fastest. The peer asks as many questions from as many threads, and neither records nor
compares. The times are of whole processes, and the memory is what they had at most.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.table import Table

from benchmarks.conversations import write_conversations
from benchmarks.processes import chatreel
from benchmarks.report import MeasureRow, show, table
from benchmarks.rounds import ROUNDS, in_turns
from foundation.clock import SECOND, SYSTEM

CONVERSATIONS = (100, 1000)
THREADS = 8

type Cost = tuple[float, float]
"""Seconds, and MiB at most."""


def run(rounds: int = ROUNDS, sizes: Sequence[int] = CONVERSATIONS) -> Table:
    """Measure both in turns."""
    rows: list[MeasureRow] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        chatreel("chatbot", "--pace", "0", "--workers-cookie") as chatbot,
    ):
        url = "http://{}:{}".format(*chatbot.address)
        for size in sizes:
            path = Path(folder, f"{size}.jsonl")
            write_conversations(path, size)
            rows += rows_of(size, *in_turns(rounds, partial(compare, path, url), partial(ask, url, size)))
    return table("Diff: a live chatbot, asked and compared", "chatreel diff", "requests", rows)


def compare(path: Path, url: str) -> Cost:
    """What `chatreel diff` takes; it must find no difference."""
    return cost("chatreel", "diff", str(path), "--live", url, "--concurrency", str(THREADS))


def ask(url: str, size: int) -> Cost:
    """What `requests` takes."""
    return cost("benchmarks.plain_asking", url, str(size), str(THREADS))


def cost(module: str, *arguments: str) -> Cost:
    """What a process takes that must end well."""
    began = SYSTEM.now()
    with subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{module} ended with {process.returncode}"
    return (SYSTEM.now() - began) / SECOND, used.ru_maxrss / 1024


def rows_of(size: int, ours: Sequence[Cost], theirs: Sequence[Cost]) -> list[MeasureRow]:
    """Time and memory for so many conversations."""
    return [
        MeasureRow(f"{size:,} conversations (s)", [time for time, _ in ours], [time for time, _ in theirs]),
        MeasureRow(f"{size:,} conversations (MiB)", [peak for _, peak in ours], [peak for _, peak in theirs]),
    ]


if __name__ == "__main__":
    show([run()])
