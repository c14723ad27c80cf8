"""How long a replay of a large cassette takes to start, and how much memory, beside Python's own `json`.

The time is from the start of the process until the last exchange has been served; for `json` until every
line of the same file is a dictionary.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rich.table import Table

from benchmarks.generated import exchange, request, write_cassette
from benchmarks.measured_process import Process, replay
from benchmarks.result_tables import MeasureRow, show, table
from benchmarks.rounds import ROUNDS, in_turns
from benchmarks.stream_client import watch
from foundation.clock import SECOND, SYSTEM

EXCHANGES = (10_000, 100_000)
MIB = 1 << 20
AIMED_AT = 100_000
"""The number of exchanges that the aims are for."""

type Cost = tuple[float, float]
"""Seconds, and the peak of memory in MiB."""


def run(rounds: int = ROUNDS, sizes: Sequence[int] = EXCHANGES) -> Table:
    """Measure the replay and `json` in turns."""
    rows: list[MeasureRow] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder, f"{size}.jsonl")
            write_cassette(path, (exchange(number, [(5, answer(number))], 6) for number in range(size)))
            rows += rows_of(
                size, *in_turns(rounds, partial(serve_last, path, size), partial(read_json, path))
            )
    return table("Loading: until the last exchange is served", "chatreel replay", "json", rows)


def answer(number: int) -> bytes:
    """The only event of the response of an exchange."""
    return b'event: result\ndata: {"response": "answer %d"}\n\n' % number


def serve_last(path: Path, size: int) -> Cost:
    """The cost of a replay until it has served the last exchange."""

    def served(server: Process) -> None:
        [stream] = watch(server.address, request(size - 1), [0])
        [(_, data)] = stream.events()
        assert data in answer(size - 1)

    return cost(partial(replay, path), served)


def read_json(path: Path) -> Cost:
    """The cost of reading the same file with `json`."""
    command = (sys.executable, "-m", "benchmarks.plain_json", str(path))
    return cost(partial(Process, *command, ready=re.compile("^loaded")), lambda _process: None)


def cost(start: Callable[[], Process], use: Callable[[Process], None]) -> Cost:
    """The cost of a process from its start until `use` returns."""
    began = SYSTEM.now()
    with start() as process:
        use(process)
        return (SYSTEM.now() - began) / SECOND, process.peak_memory() / MIB


def rows_of(size: int, ours: Sequence[Cost], theirs: Sequence[Cost]) -> list[MeasureRow]:
    """The rows of time and memory for a cassette of `size` exchanges."""
    seconds, memory = ("1 s", "120 MiB") if size == AIMED_AT else ("", "")
    return [
        MeasureRow(
            f"{size:,} exchanges (s)", [time for time, _ in ours], [time for time, _ in theirs], seconds
        ),
        MeasureRow(
            f"{size:,} exchanges (MiB)", [peak for _, peak in ours], [peak for _, peak in theirs], memory
        ),
    ]


if __name__ == "__main__":
    show([run()])
