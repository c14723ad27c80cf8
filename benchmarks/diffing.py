"""Measures sending a cassette's requests to a live chatbot and comparing its responses, beside `requests`.

The chatbot is the sample at its fastest. The peer sends as many requests from as many threads, and neither records nor
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
from benchmarks.measured_process import chatreel
from benchmarks.result_tables import MeasureRow, show, table
from benchmarks.rounds import ROUNDS, in_turns
from foundation.clock import SECOND, SYSTEM

CONVERSATIONS = (100, 1000)
THREADS = 8

type Cost = tuple[float, float]
"""Seconds, and the peak of memory in MiB."""


def run(rounds: int = ROUNDS, sizes: Sequence[int] = CONVERSATIONS) -> Table:
    """Measure `chatreel diff` and its peer in turns."""
    rows: list[MeasureRow] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        chatreel("chatbot", "--pace", "0", "--workers-cookie") as chatbot,
    ):
        url = "http://{}:{}".format(*chatbot.address)
        for size in sizes:
            path = Path(folder, f"{size}.jsonl")
            write_conversations(path, size)
            rows += rows_of(
                size, *in_turns(rounds, partial(compare, path, url), partial(send_plainly, url, size))
            )
    return table("Diff: a live chatbot, asked and compared", "chatreel diff", "requests", rows)


def compare(path: Path, url: str) -> Cost:
    """The cost of `chatreel diff`, which must find no difference."""
    return cost("chatreel", "diff", str(path), "--live", url, "--concurrency", str(THREADS))


def send_plainly(url: str, size: int) -> Cost:
    """The cost of the same requests without recording or comparing."""
    return cost("benchmarks.plain_asking", url, str(size), str(THREADS))


def cost(module: str, *arguments: str) -> Cost:
    """The cost of a process, which must end with exit code 0."""
    began = SYSTEM.now()
    with subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{module} ended with {process.returncode}"
    return (SYSTEM.now() - began) / SECOND, used.ru_maxrss / 1024


def rows_of(size: int, ours: Sequence[Cost], theirs: Sequence[Cost]) -> list[MeasureRow]:
    """The rows of time and memory for `size` conversations."""
    return [
        MeasureRow(f"{size:,} conversations (s)", [time for time, _ in ours], [time for time, _ in theirs]),
        MeasureRow(f"{size:,} conversations (MiB)", [peak for _, peak in ours], [peak for _, peak in theirs]),
    ]


if __name__ == "__main__":
    show([run()])
