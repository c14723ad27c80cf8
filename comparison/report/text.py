"""A report as lines of plain text, for a pipe: a summary, then each difference in its place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from comparison.differences import Difference
from comparison.report.report import Report
from comparison.report.wording import breakdown, extent, headline, inside, what, where
from replayer.logline import one_line


def lines(report: Report) -> Iterator[str]:
    """The report, a line at a time; nothing that was received or recorded can add a line or a colour."""
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
    """The verdict, what it rests on, and what live requests lacked."""
    yield headline(report)
    yield f"  {extent(report)}"
    if report.differences:
        yield f"  {breakdown(report)}"
    yield from (f"  note: {note}" for note in report.notes)


def difference_lines(one: Difference) -> Iterator[str]:
    """A difference: where in the exchange, why it counts, and both sides."""
    yield f"  {' '.join(filter(None, (inside(one), what(one))))}: {one.why}"
    yield f"    recorded: {one.recorded}"
    yield f"    live:     {one.live}"
