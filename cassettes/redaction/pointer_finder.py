"""Finds the values that JSON pointers refer to, in a JSON document or in the data of each SSE event.

A pointer is resolved from the beginning of a document, so an event or a document is held back until it is complete, up
to `LONGEST_DOCUMENT` bytes. All of a longer one is taken for secret, so that no secret is missed. For the pointer /ssn:

    data: {"ssn": 12, "x": {"ssn": 34}}    the secret is 12
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from cassettes.redaction.spans import Span

LONGEST_DOCUMENT = 1 << 20
"""Bytes of a document or an event that are held back, at most."""

POINTER = "pointer rule"

EVENT_END = re.compile(rb"\n\r?\n|\r\r")
NOT_DATA = re.compile(rb"(?m)^(?:\xef\xbb\xbf)?(?:data:|[^\n]*)")
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)


class PointerFinder:
    """Finds the targets of pointers in one body; `events` says that it is a stream of SSE events.

    `longest` is the bound that `LONGEST_DOCUMENT` describes.
    """

    def __init__(
        self, paths: Sequence[tuple[str, ...]], *, events: bool, longest: int = LONGEST_DOCUMENT
    ) -> None:
        self._longest = longest
        self._paths = paths
        self._events = events
        self._begin = 0  # of the event or document that is not complete yet
        self._searched = 0
        self._overlong = False

    def quiet(self, text: bytes, hits: Sequence[tuple[int, bytes]]) -> bool:
        """Return False: only a scan can find out."""
        return False

    def scan(self, text: bytes, hits: Sequence[tuple[int, bytes]], *, final: bool) -> tuple[list[Span], int]:
        """Return the targets in the documents that are complete, and where one begins that is not."""
        spans: list[Span] = []
        for end in self._ends(text, final=final):
            spans += self._targets(text, end)
            self._begin, self._overlong = end, False
        while len(text) - self._begin >= self._longest:
            spans.append(Span(self._begin, self._begin + self._longest, kind=POINTER))
            self._begin += self._longest
            self._overlong = True
        self._searched = max(self._begin, len(text) - 2)
        return spans, self._begin

    def skip(self) -> None:
        """Do nothing: what was quiet has left nothing to remember."""

    def trim(self, count: int) -> None:
        """Adjust to a text from whose beginning `count` bytes were removed."""
        self._begin = max(0, self._begin - count)
        self._searched = max(0, self._searched - count)

    def _ends(self, text: bytes, *, final: bool) -> Iterator[int]:
        if self._events:
            yield from (found.end() for found in EVENT_END.finditer(text, self._searched))
        if final:
            yield len(text)

    def _targets(self, text: bytes, end: int) -> list[Span]:
        begin = self._begin
        spans = []
        while end - begin >= self._longest:
            spans.append(Span(begin, begin + self._longest, kind=POINTER))
            begin += self._longest
            self._overlong = True
        if self._overlong:
            return [*spans, Span(begin, end, kind=POINTER)]
        return [span.moved(begin) for span in find(self._document(text[begin:end]), self._paths)]

    def _document(self, text: bytes) -> bytes:
        """Return the data of an event; blanks, which JSON skips, take the place of all else, so that places stay."""
        if not self._events:
            return text
        return NOT_DATA.sub(lambda found: b" " * len(found[0]), text.replace(b"\r", b"\n"))


def find(document: bytes, paths: Sequence[tuple[str, ...]]) -> list[Span]:
    """Return the strings (without their quotes) and numbers at one of the paths of a JSON document, or below it."""
    return [
        span
        for path, span in leaves(document)
        if any(path[: len(wanted)] == wanted for wanted in paths) and span.start < span.end
    ]


def leaves(document: bytes) -> Iterator[tuple[tuple[str, ...], Span]]:
    """Yield every string and number of a JSON document with its path; malformed JSON is read as far as possible."""
    path: list[str] = []  # the keys and indexes that lead to the current token
    lists: list[bool] = []  # for each of them, whether it is an index
    key = False  # whether a string would be a key
    for token in TOKEN.finditer(document):
        mark = token[0][:1]
        if mark in b"{[":
            lists.append(mark == b"[")
            path.append("0" if mark == b"[" else "")
            key = mark == b"{"
        elif mark in b"}]":
            del path[-1:], lists[-1:]
        elif mark == b",":
            key = bool(lists) and not lists[-1]
            if lists and lists[-1]:
                path[-1] = str(int(path[-1]) + 1)
        elif key and mark == b'"':
            path[-1], key = _text(token[0]), False
        elif mark == b'"':
            closed = len(token[0]) > 1 and token[0].endswith(b'"')
            yield tuple(path), Span(token.start() + 1, token.end() - closed, POINTER, "asked")
        elif mark in b"-0123456789":
            yield tuple(path), Span(*token.span(), POINTER, "asked")


def _text(string: bytes) -> str:
    """Return the text of a JSON string."""
    try:
        return str(json.loads(string, strict=False))
    except ValueError:
        return string.decode("utf-8", "replace")
