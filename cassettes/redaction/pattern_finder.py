"""Finds the matches of a pattern in a text that arrives in pieces.

The text is searched twice: for matches, and for the first place from which the pattern would read beyond the end of
the text. `regex` calls that a partial match; appending `(?!)`, which never matches, makes it report one even where the
pattern could match already. Matches before that place are final. The text from there on is held back, as is a match
that ends with the text, because it may grow. For the pattern sk-[a-z]+ :

    "key sk-ab"     no final match; "sk-ab" is held back
    "key sk-abc."   the match "sk-abc"; nothing is held back
    "key s"         no match; "s" is held back
"""

from __future__ import annotations

from collections.abc import Sequence

import regex

from cassettes.redaction.rules import PatternRule
from cassettes.redaction.spans import Span

LONGEST_MATCH = 1 << 16
"""Bytes that are held back for one match, at most; of a longer one, so many are secret, and the rest is searched."""


class PatternFinder:
    """Finds the matches of one rule in one text; `longest` is the bound that `LONGEST_MATCH` describes."""

    def __init__(self, rule: PatternRule, *, longest: int = LONGEST_MATCH) -> None:
        self._rule = rule
        self._longest = longest
        self._whole = regex.compile(rule.pattern)
        self._open = regex.compile(rb"(?:" + rule.pattern + rb")(?!)")
        self._resume = 0

    def quiet(self, text: bytes, hits: Sequence[tuple[int, bytes]]) -> bool:
        """Return False: only a scan can find out."""
        return False

    def scan(self, text: bytes, hits: Sequence[tuple[int, bytes]], *, final: bool) -> tuple[list[Span], int]:
        """Return the matches that are final, and the place from which on the text must be held back."""
        spans: list[Span] = []
        opening = -1
        while True:
            start, end = self._next(text)
            # A place that was found stays the first one until it is passed. Searching anew would take quadratic time.
            if opening < self._resume:
                opening = len(text) if final else self._opening(text)
            if opening <= start or (end == len(text) and not final):
                held = min(opening, start)
                if len(text) - held < self._longest:
                    self._resume = held
                    return spans, held
                start, end = held, held + self._longest
            if self._rule.accepts(text[start:end]):
                spans.append(Span(start, min(end, start + self._longest), self._rule.kind, "asked"))
            self._resume = max(end, start + 1)

    def skip(self) -> None:
        """Do nothing: what was quiet has left nothing to remember."""

    def trim(self, count: int) -> None:
        """Adjust to a text from whose beginning `count` bytes were removed."""
        self._resume = max(0, self._resume - count)

    def _next(self, text: bytes) -> tuple[int, int]:
        found = self._whole.search(text, self._resume)
        return found.span() if found else (len(text), len(text))

    def _opening(self, text: bytes) -> int:
        found = self._open.search(text, self._resume, partial=True)
        return found.start() if found else len(text)
