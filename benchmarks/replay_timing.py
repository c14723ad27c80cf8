"""Measures how far a replayed event is from its recorded time, beside a Tornado handler that sleeps with asyncio.

Both play the same schedule: events at irregular gaps, to streams that begin at irregular times. The error of
an event is the distance between its recorded and its replayed time since the request was sent.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path

from rich.table import Table

from benchmarks.generated import exchange, progress, request, write_cassette
from benchmarks.measured_process import module, replay
from benchmarks.result_tables import MeasureRow, show, table
from benchmarks.rounds import ROUNDS, in_turns, percentiles
from benchmarks.stream_client import Address, watch

STREAMS = (1, 100, 1000)
EVENTS = 10
GAPS = (40_000, 360_000)
"""Microseconds between two events, at least and at most: 10 events take two seconds."""

SPREAD = 1_000_000
"""Microseconds in which all streams begin."""

AIMS = {50: "0.1 ms and 0.2", 90: "", 99: "0.5"}
"""The aim of each percentile, with more than one stream."""


def run(
    rounds: int = ROUNDS, streams: Sequence[int] = STREAMS, events: int = EVENTS, spread: int = SPREAD
) -> Table:
    """Measure the replay and the handler in turns."""
    chance = random.Random(2)  # noqa: S311 - no secret: the same schedule each time
    due = list(accumulate(chance.randint(*GAPS) for _ in range(events)))
    rows: list[MeasureRow] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "schedule.jsonl")
        write_cassette(path, [exchange(0, [(at, progress(step)) for step, at in enumerate(due)], due[-1])])
        with replay(path) as ours, module("benchmarks.tornado_handler", str(path)) as theirs:
            for count in streams:
                starts = [chance.randrange(spread) for _ in range(count)]
                sides = [partial(errors, side.address, due, starts) for side in (ours, theirs)]
                rows += rows_of(count, *in_turns(rounds, *sides))
    return table("Replay timing: error of an event (ms)", "chatreel replay", "asyncio.sleep", rows)


def errors(address: Address, due: Sequence[int], starts: Sequence[int]) -> list[float]:
    """Milliseconds by which each event of each stream missed its time."""
    return [
        abs(arrived - stream.sent_at - wanted) / 1000
        for stream in watch(address, request(0), starts)
        for (arrived, _), wanted in zip(stream.events(), due, strict=True)
    ]


def rows_of(count: int, ours: list[list[float]], theirs: list[list[float]]) -> list[MeasureRow]:
    """The rows of the percentiles for `count` streams."""
    return [
        MeasureRow(
            f"streams: {count:,}, p{percent}",
            percentiles(ours, percent),
            percentiles(theirs, percent),
            aim if count > 1 else "",
        )
        for percent, aim in AIMS.items()
    ]


if __name__ == "__main__":
    show([run()])
