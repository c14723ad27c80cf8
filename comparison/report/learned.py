"""What was learned from recordings, as lines for a person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from comparison.learning import Learned
from comparison.report.text import difference_lines
from comparison.report.wording import plural, where

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
