"""Prints what faults do to an answer."""

from __future__ import annotations

import json

import msgspec
from rich.console import Console

from chatreel.progress import table_of, text
from chatreel.terminal import printable
from chatreel.units import seconds_of
from replayer.faults.effect import Row, effect
from replayer.rehearsal import Rehearsed

COLUMNS = ("before", "after", "", "what", "data")

STYLES = {"new": "green", "gone": "red", "moved": "yellow"}

SHOWN = 100
"""Characters of the data of a part that are shown in a pipe; a terminal shows what it has room for."""


def print_effect(found: Rehearsed) -> None:
    """Each part of the answer in a row."""
    rows = effect(found.before, found.after)
    terminal = Console()
    if not terminal.is_terminal:
        for line in (COLUMNS, *map(cells, rows)):
            print("  ".join(line).rstrip())
        return
    table = table_of(COLUMNS)
    for row in rows:
        table.add_row(*map(text, cells(row)), style=STYLES.get(row.change))
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


def cells(row: Row) -> tuple[str, ...]:
    """A part in the columns of the table."""
    change = "" if row.change == "same" else row.change
    return time_of(row.before), time_of(row.after), change, printable(row.what), shortened(row.data)


def time_of(at: int | None) -> str:
    """When a part is due; a dash for never."""
    return "-" if at is None else seconds_of(at)


def shortened(data: str) -> str:
    """The beginning of some data, on one line."""
    line = printable(data[: SHOWN + 1])
    return f"{line[:SHOWN]}…" if len(line) > SHOWN else line
