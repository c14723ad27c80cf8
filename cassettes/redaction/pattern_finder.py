"""Finds what a pattern matches in a text that comes in pieces.

Twice is searched: for what matches, and for the first place from which the pattern would read beyond the text's
end (`regex` calls that a partial match; a pattern that may not succeed forces it). What begins before that place
is certain, the rest is held back. A match that touches the end may still grow and waits too.
"""

from __future__ import annotations

from collections.abc import Sequence

import regex

from cassettes.redaction.rules import PatternRule
from cassettes.redaction.spans import Span

LONGEST_MATCH = 1 << 16
"""Bytes that are held back at most for one match; what is longer is secret up to there, and looked at anew."""


class PatternFinder:
    """Finds one rule's matches in one text."""

    def __init__(self, rule: PatternRule) -> None:
        self._rule = rule
        self._whole = regex.compile(rule.pattern)
        self._open = regex.compile(rb"(?:" + rule.pattern + rb")(?!)")
        self._resume = 0

    def quiet(self, text: bytes, hits: Sequence[tuple[int, bytes]]) -> bool:
        """Never: only a scan can tell."""
        return False

    def scan(self, text: bytes, hits: Sequence[tuple[int, bytes]], *, final: bool) -> tuple[list[Span], int]:
        """The matches that are certain, and where one begins that is not."""
        spans: list[Span] = []
        opening = -1
        while True:
            start, end = self._next(text)
            if (
                opening < self._resume
            ):  # otherwise it is still the first: searching again would cost the square
                opening = len(text) if final else self._opening(text)
            if opening <= start or (end == len(text) and not final):
                held = min(opening, start)
                if len(text) - held < LONGEST_MATCH:
                    self._resume = held
                    return spans, held
                start, end = held, held + LONGEST_MATCH
            if self._rule.accepts(text[start:end]):
                spans.append(Span(start, min(end, start + LONGEST_MATCH)))
            self._resume = max(end, start + 1)

    def trim(self, count: int) -> None:
        """The first bytes of the text are gone."""
        self._resume = max(0, self._resume - count)

    def _next(self, text: bytes) -> tuple[int, int]:
        found = self._whole.search(text, self._resume)
        return found.span() if found else (len(text), len(text))

    def _opening(self, text: bytes) -> int:
        found = self._open.search(text, self._resume, partial=True)
        return found.start() if found else len(text)
