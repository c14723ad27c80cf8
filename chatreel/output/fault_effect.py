"""Prints a recorded answer before and after some faults, part by part."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise, takewhile

import msgspec
from rich.console import Console

from chatreel.cli.units import seconds_of
from chatreel.output.piped_rows import print_rows
from chatreel.output.recording_table import table_of, text
from foundation.printable import printable
from replayer.faults.preview.effect import EffectRow, effect
from replayer.faults.preview.rehearsal import Rehearsed

COLUMNS = ("before", "after", "", "what", "data")

STYLES = {"new": "green", "gone": "red", "moved": "yellow"}

SHOWN = 100
"""Characters of a part's data that are shown."""

BEFORE = 30
"""Characters that are shown before the first one in which a part differs from the part that it replaces."""


def print_effect(found: Rehearsed) -> None:
    """Print a row for each part of the answer."""
    rows = effect(found.before, found.after)
    lines = list(map(cells, rows, starts(rows)))
    terminal = Console()
    if not terminal.is_terminal:
        print_rows((COLUMNS, *lines))
        return
    table = table_of(COLUMNS)
    for row, line in zip(rows, lines, strict=True):
        table.add_row(*map(text, line), style=STYLES.get(row.change))
    terminal.print(table)


def print_effect_json(exchange: int, found: Rehearsed) -> None:
    """Print the answer as one JSON object; times are in microseconds, the data is whole."""
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
    """For each row, the first character of its data that is shown, so that the difference is among those shown.

    A row "gone" that is followed by a row "new" of the same kind was replaced by it. Of these

        gone  event text  ...(100 equal characters)... one
        new   event text  ...(100 equal characters)... two

    both are shown from character 100 - BEFORE on; all other rows from 0.
    """
    first = [0] * len(rows)
    for place, (old, new) in enumerate(pairwise(rows)):
        if (old.change, new.change) == ("gone", "new") and old.what == new.what:
            same = sum(
                1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old.data, new.data, strict=False))
            )
            first[place] = first[place + 1] = max(0, same - BEFORE)
    return first


def cells(row: EffectRow, start: int) -> tuple[str, ...]:
    """The cells of a row, with its data from character `start` on."""
    change = "" if row.change == "same" else row.change
    return time_of(row.before), time_of(row.after), change, printable(row.what), shortened(row.data, start)


def time_of(at: int | None) -> str:
    """A time in microseconds as text; "-" for a part that is not sent."""
    return "-" if at is None else seconds_of(at)


def shortened(data: str, start: int) -> str:
    """The data on one line, from character `start` on, with an ellipsis for what is left out."""
    line = printable(data[start : start + SHOWN + 1])
    line = f"{line[:SHOWN]}…" if len(line) > SHOWN else line
    return f"…{line}" if start else line
