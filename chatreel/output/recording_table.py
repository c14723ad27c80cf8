"""Shows a recording while it grows: a live table on a terminal, a line for each exchange in a pipe."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cassettes.views.summary import Summary
from chatreel.cli.terminal import printable
from chatreel.cli.units import bytes_of, seconds_of

ROWS = 15
REDRAWS_PER_SECOND = 2  # a redraw takes milliseconds that the proxy would have to wait

ELASTIC = ("target", "type", "data", "issued", "sent")
"""The columns that give way where a terminal is too narrow."""

COLUMNS = ("#", "method", "target", "status", "type", "chunks", "size", "time", "end")


class Progress(Protocol):
    """Is told of what has been recorded, on the writer's thread."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def watch(self, summaries: Sequence[Summary]) -> None:
        """Take note of exchanges that went on."""
        ...


class Lines:
    """One line for each exchange, when it has ended."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def watch(self, summaries: Sequence[Summary]) -> None:
        """Print the exchanges that end here."""
        with contextlib.suppress(OSError):  # whoever read has gone: the recording goes on
            for summary in summaries:
                if summary.how:
                    print("  ".join(cells(summary)), flush=True)


class LiveTable:
    """The latest exchanges as a table that is drawn again while they go on."""

    def __init__(self, console: Console) -> None:
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
        """Take note of what the next redraw shows."""
        shown = self._shown | {summary.exchange: summary for summary in summaries}
        self._shown = dict(sorted(shown.items())[-ROWS:])  # replaced whole: another thread draws it

    def _table(self) -> Table:
        table = table_of(COLUMNS)
        for summary in self._shown.values():
            table.add_row(*map(text, cells(summary)))
        return table


def table_of(columns: Sequence[str]) -> Table:
    """An empty table in which only elastic columns are cut, and none is wrapped; rows are made with `text`."""
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=column not in ELASTIC)
    return table


def text(cell: str) -> Text:
    """A cell of a table: on one line, without any markup."""
    return Text(cell, no_wrap=True, overflow="ellipsis")


def cells(summary: Summary) -> tuple[str, ...]:
    """One exchange in the columns of the table."""
    return (
        str(summary.exchange),
        printable(summary.method),
        printable(summary.target),
        "-" if summary.status is None else str(summary.status),
        printable(summary.media_type) or "-",
        str(summary.chunks),
        bytes_of(summary.bytes),
        seconds_of(summary.duration),
        (summary.how or "...") + (" (incomplete recording)" if summary.lossy else ""),
    )
