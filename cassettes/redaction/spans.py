"""Spans of a text that are secret, and how overlapping ones are settled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

type Follow = Literal["random", "composed", "asked", "given", "never"]
"""When a value is followed to other places (`judgement.is_followed`): if it is random; also if it is composed as good
passwords are; also if a rule asked for it and it is more than words and numbers; also if a person gave it and it is
more than one word or number; never."""


class Span(NamedTuple):
    """Bytes `start` to `end` of a text are one secret value of a kind (`secret_kinds`), or a piece of one.

    What takes the place of a piece is `stand_in`, a piece of the stand-in of the whole value.
    """

    start: int
    end: int
    kind: str = ""
    follow: Follow = "random"
    stand_in: bytes = b""

    def moved(self, by: int) -> Span:
        """The same span when the text's beginning moves."""
        return self._replace(start=self.start + by, end=self.end + by)


def disjoint(spans: Iterable[Span], floor: int = 0) -> list[Span]:
    """The spans from `floor` on, in order, none overlapping: the first wins, of two at one place the longer.

    What is left of the other is a value of its own, so that no byte of a secret is spared.
    """
    settled: list[Span] = []
    reached = floor
    for span in sorted(spans, key=lambda span: (span.start, -span.end, not span.stand_in)):
        start = max(reached, span.start)
        if span.end > start:
            settled.append(span._replace(start=start, stand_in=span.stand_in[start - span.start :]))
            reached = span.end
    return settled
