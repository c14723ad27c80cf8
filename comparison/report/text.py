"""Writes a report as lines of plain text: a summary, then the differences of each exchange."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from comparison.learning import Learned
from comparison.report.report import Report
from comparison.report.wording import breakdown, extent, headline, inside, plural, what, where
from comparison.result import Difference
from foundation.printable import one_line


def lines(report: Report) -> Iterator[str]:
    """Yields the lines of the report; nothing that was received or recorded can add a line or a colour."""
    return map(one_line, _lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield from summary(report)
    for place, group in groupby(report.differences, where):
        yield ""
        yield place
        for one in group:
            yield from difference_lines(one)
    for gap in report.uncompared:
        yield ""
        yield where(gap)
        yield f"  could not be compared: {gap.why}"
    if report.unlisted:
        yield ""
        yield f"not listed: {report.unlisted}"


def summary(report: Report) -> Iterator[str]:
    """Yields the verdict, how much was compared, and the notes on live requests."""
    yield headline(report)
    yield f"  {extent(report)}"
    if report.differences:
        yield f"  {breakdown(report)}"
    yield from (f"  note: {note}" for note in report.notes)


def difference_lines(one: Difference) -> Iterator[str]:
    """Yields where in its exchange a difference is and why it counts, then both sides."""
    yield f"  {' '.join(filter(None, (inside(one), what(one))))}: {one.why}"
    yield f"    recorded: {one.recorded}"
    yield f"    live:     {one.live}"


MOST_UNEXPLAINED = 50
"""Differences that noise cannot express that are listed, and as many that could not be compared."""


def learned_lines(found: Learned, recordings: int, target: Path) -> Iterator[str]:
    """Yields how many fields can vary, and what differs that noise cannot express."""
    yield f"learned from {recordings} recordings that {plural(len(found.noise.fields), 'field')} can vary: {target}"
    for one in found.unexplained[:MOST_UNEXPLAINED]:
        yield f"not noise: {where(one)}"
        yield from difference_lines(one)
    for gap in found.uncompared[:MOST_UNEXPLAINED]:
        yield f"could not be compared: {where(gap)}: {gap.why}"
    more = sum(max(0, len(rest) - MOST_UNEXPLAINED) for rest in (found.unexplained, found.uncompared))
    if more:
        yield f"not listed: {more} more"
