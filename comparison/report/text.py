"""A report as lines of plain text, for a pipe: a summary, then each difference in its place."""

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


MOST_LISTED = 50


def learned_lines(found: Learned, recordings: int, target: Path) -> Iterator[str]:
    """How much varies, and what differs that noise cannot say."""
    yield f"learned from {recordings} recordings that {plural(len(found.noise.fields), 'field')} can vary: {target}"
    for one in found.unexplained[:MOST_LISTED]:
        yield f"not noise: {where(one)}"
        yield from difference_lines(one)
    for gap in found.uncompared[:MOST_LISTED]:
        yield f"could not be compared: {where(gap)}: {gap.why}"
    more = sum(max(0, len(rest) - MOST_LISTED) for rest in (found.unexplained, found.uncompared))
    if more:
        yield f"not listed: {more} more"
