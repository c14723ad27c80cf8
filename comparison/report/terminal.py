"""Prints a report on a terminal: as in a pipe, but with both sides of each difference beside each other."""

from __future__ import annotations

from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from comparison.report.report import Report
from comparison.report.text import summary
from comparison.report.wording import inside, what, where
from comparison.result import Difference
from foundation.printable import one_line

STYLES = {"same": "bold green", "different": "bold red", "could-not-compare": "bold yellow"}


def print_report(report: Report, terminal: Console) -> None:
    """Print the summary of a report, then the differences of each exchange."""
    head, *rest = summary(report)
    terminal.print(text(head, STYLES[report.verdict]))
    for line in rest:
        terminal.print(text(line))
    for place, group in groupby(report.differences, where):
        terminal.print()
        terminal.print(text(place, "bold"))
        for one in group:
            print_difference(one, terminal)
    for gap in report.uncompared:
        terminal.print()
        terminal.print(text(where(gap), "bold"))
        terminal.print(Padding(text(f"could not be compared: {gap.why}", "yellow"), (0, 0, 0, 2)))
    if report.unlisted:
        terminal.print()
        terminal.print(text(f"not listed: {report.unlisted}"))


def print_difference(one: Difference, terminal: Console) -> None:
    """Print where a difference is and why it counts, then both sides."""
    heading = Text("  ").append(one_line(" ".join(filter(None, (inside(one), what(one))))), "cyan")
    terminal.print(heading.append(f": {one_line(one.why)}"))
    sides = Table(box=None, show_header=True, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("recorded", "live"):
        sides.add_column(name, overflow="fold", ratio=1)
    sides.add_row(text(one.recorded), text(one.live))
    sides.expand = True
    terminal.print(Padding(sides, (0, 0, 0, 4)))


def text(line: str, style: str = "") -> Text:
    """Returns a line that is printed as it is: it may come from a recording, so rich reads no markup in it."""
    return Text(one_line(line), style)
