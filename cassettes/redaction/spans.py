"""Spans of a text that are secret, and how overlapping ones are settled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """Bytes `start` to `end` of a text are one secret value.

    `strict` says that the value is followed to other places only if it looks like a token: nothing but its place
    says that it is secret, and that place holds ordinary words as well.
    """

    start: int
    end: int
    strict: bool = False

    def moved(self, by: int) -> Span:
        """The same span when the text's beginning moves."""
        return Span(self.start + by, self.end + by, self.strict)


def disjoint(spans: Iterable[Span], floor: int = 0) -> list[Span]:
    """The spans from `floor` on, in order, none overlapping: the first wins, of two at one place the longer.

    What is left of the other is a value of its own, so that no byte of a secret is spared.
    """
    settled: list[Span] = []
    reached = floor
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if span.end > max(reached, span.start):
            settled.append(Span(max(reached, span.start), span.end))
            reached = span.end
    return settled
