"""Prints results: the machine once, then tables of medians."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

LIBRARIES = ("mitmproxy", "tornado", "httptools", "msgspec")


class MeasureRow(NamedTuple):
    """One measure of both sides, with a value for each round; `aim` is the goal of our side."""

    measure: str
    ours: Sequence[float]
    theirs: Sequence[float]
    aim: str = ""
    more_is_better: bool = False

    @property
    def ratios(self) -> list[float]:
        """Ours divided by theirs in each round; none where theirs is nothing."""
        return [one / other for one, other in zip(self.ours, self.theirs, strict=False) if other > 0]


class ResultTable(Table):
    """A table that knows what was measured."""

    measured: Sequence[MeasureRow] = ()


def table(title: str, ours: str, theirs: str, rows: Sequence[MeasureRow]) -> ResultTable:
    """A table of the medians of all rounds; the ratio is ours divided by theirs."""
    result = ResultTable(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, show_edge=False
    )
    result.measured = rows
    result.add_column("")
    for heading in (ours, theirs, "aim", "ratio"):
        result.add_column(heading, justify="right")
    for row in rows:
        one, other = statistics.median(row.ours), statistics.median(row.theirs)
        ratio = f"{one / other:.2g}" if other > 0 else "-"
        result.add_row(row.measure, number(one), number(other), row.aim, ratio)
    return result


def number(value: float) -> str:
    """The value with three significant digits, or with all digits before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine() -> str:
    """One line about what the results depend on: CPUs, system, Python, libraries."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} CPUs, {platform.system()} {platform.release()}, {python}, {libraries}"


def show(tables: Iterable[Table]) -> None:
    """Print the machine, then each table as soon as it is measured."""
    console = Console(width=110, highlight=False)
    console.print(machine(), soft_wrap=True)
    for one in tables:
        console.print()
        console.print(one)
