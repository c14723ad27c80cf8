"""Prints what faults do to an answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise, takewhile

import msgspec
from rich.console import Console

from chatreel.cli.terminal import printable
from chatreel.cli.units import seconds_of
from chatreel.output.recording_table import table_of, text
from replayer.faults.preview.effect import EffectRow, effect
from replayer.faults.preview.rehearsal import Rehearsed

COLUMNS = ("before", "after", "", "what", "data")

STYLES = {"new": "green", "gone": "red", "moved": "yellow"}

SHOWN = 100
"""Characters of the data of a part that are shown in a pipe; a terminal shows what it has room for."""

BEFORE = 30
"""Characters of them that are shown before the place where a part differs from the one that it takes the place of."""


def print_effect(found: Rehearsed) -> None:
    """Each part of the answer in a row."""
    rows = effect(found.before, found.after)
    lines = list(map(cells, rows, starts(rows)))
    terminal = Console()
    if not terminal.is_terminal:
        for line in (COLUMNS, *lines):
            print("  ".join(line).rstrip())
        return
    table = table_of(COLUMNS)
    for row, line in zip(rows, lines, strict=True):
        table.add_row(*map(text, line), style=STYLES.get(row.change))
    terminal.print(table)


def print_effect_json(exchange: int, found: Rehearsed) -> None:
    """The whole answer as one object; times are in microseconds, the data is whole."""
    rows = effect(found.before, found.after)
    print(
        json.dumps(
            {
                "exchange": exchange,
                "faults": found.faults,
                "parts": [msgspec.to_builtins(row) for row in rows],
            }
        )
    )


def starts(rows: Sequence[EffectRow]) -> list[int]:
    """From where on the data of each part is shown, so that what differs is."""
    found = [0] * len(rows)
    for place, (old, new) in enumerate(pairwise(rows)):
        if (old.change, new.change) == ("gone", "new") and old.what == new.what:
            same = sum(
                1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old.data, new.data, strict=False))
            )
            found[place] = found[place + 1] = max(0, same - BEFORE)
    return found


def cells(row: EffectRow, start: int) -> tuple[str, ...]:
    """A part in the columns of the table, its data from a place on."""
    change = "" if row.change == "same" else row.change
    return time_of(row.before), time_of(row.after), change, printable(row.what), shortened(row.data, start)


def time_of(at: int | None) -> str:
    """When a part is due; a dash for never."""
    return "-" if at is None else seconds_of(at)


def shortened(data: str, start: int) -> str:
    """Some data from a place on, on one line."""
    line = printable(data[start : start + SHOWN + 1])
    line = f"{line[:SHOWN]}…" if len(line) > SHOWN else line
    return f"…{line}" if start else line
