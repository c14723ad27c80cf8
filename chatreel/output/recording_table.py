"""Shows a recording while it grows: a live table on a terminal, a line for each exchange in a pipe."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

import msgspec
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cassettes.views.summary import Summary
from chatreel.cli.units import bytes_of, seconds_of
from chatreel.output.piped_rows import print_rows
from foundation.printable import printable

ROWS = 15
REDRAWS_PER_SECOND = 2  # a redraw takes milliseconds that the proxy would have to wait

ELASTIC = ("target", "type", "data", "issued", "sent", "end")
"""The columns that give way where a terminal is too narrow."""

COLUMNS = ("#", "method", "target", "status", "type", "chunks", "size", "time", "end")


class RecordingProgress(Protocol):
    """Shows the progress of a recording; `watch` is called on the thread that listens to the writer."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def watch(self, summaries: Sequence[Summary]) -> None:
        """Take the summaries of exchanges that have got new records."""
        ...


class Lines:
    """Prints a line for each exchange when it has ended."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def watch(self, summaries: Sequence[Summary]) -> None:
        """Print those of these exchanges that have ended."""
        with contextlib.suppress(OSError):  # whoever read has gone: the recording goes on
            for summary in summaries:
                if summary.how:
                    print_rows([cells(summary)])
                    sys.stdout.flush()


class JsonObjects(Lines):
    """Prints a JSON object for each exchange when it has ended, on a line of its own."""

    def watch(self, summaries: Sequence[Summary]) -> None:
        """Print those of these exchanges that have ended."""
        with contextlib.suppress(OSError):
            for summary in summaries:
                if summary.how:
                    print(json.dumps({"event": "exchange", **msgspec.structs.asdict(summary)}), flush=True)


class NoLines(Lines):
    """Prints nothing."""

    def watch(self, summaries: Sequence[Summary]) -> None:
        """Ignore the summaries."""


class LiveTable:
    """The latest exchanges as a table that is drawn again while they go on."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: dict[int, Summary] = {}
        self._live = Live(
            console=console,
            get_renderable=self._table,
            refresh_per_second=REDRAWS_PER_SECOND,
            redirect_stderr=sys.stderr.isatty(),  # what goes to a file stays there
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def watch(self, summaries: Sequence[Summary]) -> None:
        """Keep the latest exchanges for the next redraw."""
        shown = self._shown | {summary.exchange: summary for summary in summaries}
        self._shown = dict(sorted(shown.items())[-ROWS:])  # replaced whole: another thread draws it

    def _table(self) -> Table:
        columns = fitting(COLUMNS, self._console.width)
        table = table_of(columns)
        for summary in self._shown.values():
            table.add_row(*map(text, chosen(cells(summary), COLUMNS, columns)))
        return table


WIDTHS = {
    "chunks": 7,
    "type": 8,
    "events": 7,
    "size": 9,
    "end": 11,
    "method": 7,
    "time": 10,
    "status": 7,
    "#": 3,
    "target": 10,
}
"""Columns of a terminal that each column of exchanges needs, the one that can be missed most easily first."""


def fitting(columns: Sequence[str], width: int) -> list[str]:
    """The columns that a terminal of this width has room for: those that tell least are left out first."""
    left = list(columns)
    for name in WIDTHS:
        if sum(WIDTHS[column] for column in left) <= width:
            break
        if name in left and name not in {"#", "target"}:
            left.remove(name)
    return left


def chosen(row: Sequence[str], columns: Sequence[str], left: Sequence[str]) -> list[str]:
    """The cells of a row, which has one for each of `columns`, for those of the columns that are left."""
    return [cell for column, cell in zip(columns, row, strict=True) if column in left]


def table_of(columns: Sequence[str]) -> Table:
    """An empty table in which only elastic columns are cut, and none is wrapped; rows are made with `text`."""
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=column not in ELASTIC)
    return table


def text(cell: str) -> Text:
    """A cell of a table, on one line and without markup."""
    return Text(cell, no_wrap=True, overflow="ellipsis")


def ending(summary: Summary) -> str:
    """How an exchange ended, and what is to be known about it."""
    how = f"{summary.how}: {printable(summary.message)}" if summary.message else summary.how or "..."
    return how + (" (incomplete recording)" if summary.lossy else "")


def cells(summary: Summary) -> tuple[str, ...]:
    """The cells of an exchange, one for each of COLUMNS."""
    return (
        str(summary.exchange),
        printable(summary.method),
        printable(summary.target),
        "-" if summary.status is None else str(summary.status),
        printable(summary.media_type) or "-",
        str(summary.chunks),
        bytes_of(summary.bytes),
        seconds_of(summary.duration),
        ending(summary),
    )
