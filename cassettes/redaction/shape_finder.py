"""Finds the secrets that are known by their shape (`secret_shapes`) in a text that arrives in pieces."""

from __future__ import annotations

from collections.abc import Sequence

from cassettes.redaction.escapes import ends_escape
from cassettes.redaction.secret_shapes import BY_PREFIX, LONGEST, PREFIXES
from cassettes.redaction.spans import Span

LONGEST_PREFIX = max(map(len, PREFIXES))
BEGINNINGS = frozenset(prefix[:size] for prefix in PREFIXES for size in range(1, len(prefix) + 1))
ENDS = frozenset(beginning[-1] for beginning in BEGINNINGS)
LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class ShapeFinder:
    """Finds the secrets of one text."""

    def __init__(self) -> None:
        self._resume = 0

    def quiet(self, text: bytes, hits: Sequence[tuple[int, bytes]]) -> bool:
        """Return whether no secret is or may be here."""
        if not hits:
            return _open_prefix(text, self._resume) == len(text)
        spans, held = self._found(text, hits, final=False)
        return not spans and held == len(text)

    def scan(self, text: bytes, hits: Sequence[tuple[int, bytes]], *, final: bool) -> tuple[list[Span], int]:
        """Return the secrets that are complete, and where one begins that may not be."""
        spans, held = self._found(text, hits, final=final)
        self._resume = max([self._resume, *(span.end for span in spans)])
        return spans, held

    def skip(self) -> None:
        """Do nothing: what was quiet has left nothing to remember."""

    def trim(self, count: int) -> None:
        """Adjust to a text from whose beginning `count` bytes were removed."""
        self._resume = max(0, self._resume - count)

    def _found(
        self, text: bytes, hits: Sequence[tuple[int, bytes]], *, final: bool
    ) -> tuple[list[Span], int]:
        spans: list[Span] = []
        resume = self._resume
        for start, word in hits:
            if start < resume or word not in BY_PREFIX or not _begins(text, start, word):
                continue
            span, held = _at(text, start, word, final=final)
            if held:
                return spans, start
            if span is not None:
                spans.append(span)
                resume = span.end
        return spans, len(text) if final else _open_prefix(text, resume)


def _at(text: bytes, start: int, word: bytes, *, final: bool) -> tuple[Span | None, bool]:
    """Return the secret that begins at a place, and whether more of it may still come."""
    for shape in BY_PREFIX[word]:
        found = shape.pattern.match(text, start, min(len(text), start + LONGEST), partial=not final)
        if found is None:
            continue
        if not final and found.end() == len(text) and len(text) - start < LONGEST:
            return None, True
        if not found.partial and shape.accepts(text[found.end("kept") : found.end()]):
            return Span(start, found.end(), shape.kind), False
    return None, False


def _open_prefix(text: bytes, resume: int) -> int:
    """Return where the text's end may be the beginning of a prefix; the text's length if it is not."""
    if not text or (text[-1] | 0x20 not in ENDS and text[-1] not in ENDS):
        return len(text)
    lowered = text[max(resume, len(text) - LONGEST_PREFIX) :].lower()
    for size in range(len(lowered), 0, -1):
        tail = lowered[-size:]
        if tail in BEGINNINGS and _begins(text, len(text) - size, tail):
            return len(text) - size
    return len(text)


def _begins(text: bytes, start: int, word: bytes) -> bool:
    """Return whether a word could begin at a place: no letter, digit or `_` is before it, unless in an escape."""
    return not start or text[start - 1] not in LETTERS or word[:1] in b":-" or ends_escape(text, start)
