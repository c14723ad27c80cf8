r"""Finds secrets by the names before them: in JSON at any depth of escaping, in forms, in urls.

Why names are looked for in the text, and JSON is not parsed: bodies are chunks of SSE events, of JSON that holds
JSON in strings, of answers that quote urls and code, and some are broken. One rule for text covers them all, holds
back nothing but the open value itself, and costs nothing where no name occurs, since a search for the stems of
all names comes first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from cassettes.redaction import secret_names
from cassettes.redaction.known_secrets import URL_MARKS
from cassettes.redaction.spans import Span
from cassettes.redaction.value_readers import (
    ESCAPED_END,
    FORM_END,
    PART_END,
    TEXT_END,
    USERINFO,
    Json,
    PatternValue,
    Userinfo,
    ValueReader,
)

type Kind = Literal["text", "url", "form"]
"""What a text is: a body of any kind, a url (or a header, which may hold one), or a url-encoded form."""

LONGEST_NAME = 64

AFTER = re.compile(
    rb"([\w.-]{0,64})(?:"
    rb"(?P<json>\\{0,32}[\"'](?:[ \t\r\n]|\ndata:){0,32}:)"
    rb"|(?P<form>(?:\]|%5[dD])?=)(?:(?P<quoted>(?=\\{0,32}[\"']))|(?=[^\\]|\\+[^\"'\\]))"
    rb"|(?P<escaped>(?:\]|%5[dD])?(?:%3[dD]|\\{1,32}u003[dD]))"
    rb"|(?P<part>\"(?:; ?filename=\"[^\"\r\n]{0,64}\")?\r\n(?:[^\r\n]{1,96}\r\n){0,2}\r\n)"
    rb")"
)
"""What stands between a name and its value; it is matched where a stem begins."""

ESCAPE_BEFORE = re.compile(rb"\\(?:u[0-9A-Fa-f]{4}|[a-z])|%[0-9A-Fa-f]{2}")
NAME_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
STEMS = frozenset(secret_names.STEMS)


class KeyFinder:
    """Finds the secrets of one text, which may come in pieces."""

    def __init__(self, kind: Kind = "text") -> None:
        self._kind = kind
        self._reader: ValueReader | None = None
        self._resume = 0

    def quiet(self, text: bytes, hits: Sequence[tuple[int, bytes]]) -> bool:
        """Whether no value is open, and none begins here."""
        return self._reader is None and all(
            start < self._resume or self._value_at(text, start, word) is None for start, word in hits
        )

    def scan(self, text: bytes, hits: Sequence[tuple[int, bytes]], *, final: bool) -> tuple[list[Span], int]:
        """The values that are complete, and where a value begins that is not."""
        spans: list[Span] = []
        if not self._read(text, spans, final=final):
            return spans, self._resume
        for start, word in hits:
            if start >= self._resume and (value := self._value_at(text, start, word)):
                self._reader, self._resume = value
                if not self._read(text, spans, final=final):
                    return spans, self._resume
        return spans, len(text)

    def trim(self, count: int) -> None:
        """The first bytes of the text are gone."""
        self._resume = max(0, self._resume - count)

    def _read(self, text: bytes, spans: list[Span], *, final: bool) -> bool:
        """Read on in the open value; false when the text ends inside it."""
        if self._reader is None:
            return True
        leaves, self._resume, done = self._reader.read(text, self._resume, final=final)
        spans += leaves
        if done:
            self._reader = None
        return done

    def _value_at(self, text: bytes, start: int, word: bytes) -> tuple[ValueReader, int] | None:
        """A reader for the value that a word announces, and where it begins."""
        if word in URL_MARKS:
            return _userinfo_at(text, start + len(word))
        after = AFTER.match(text, start) if word in STEMS else None
        if after is None:
            return None
        begin = _name_start(text, start)
        name = text[begin : after.end(1)]
        if not secret_names.is_secret(name) or (after["part"] and not text.endswith(b'name="', 0, begin)):
            return None
        return self._reader_for(
            after, ambiguous=secret_names.plain(name) == secret_names.AMBIGUOUS
        ), after.end()

    def _reader_for(self, after: re.Match[bytes], *, ambiguous: bool) -> ValueReader:
        in_prose = self._kind == "text"
        if after["json"]:
            return Json(strict=ambiguous)
        if after["part"]:
            return PatternValue(PART_END, strict=False)
        if after["escaped"]:
            return PatternValue(ESCAPED_END, strict=in_prose)
        if self._kind == "form":
            return PatternValue(FORM_END, strict=False)
        if after["quoted"] is not None:
            return Json(strict=in_prose)
        return PatternValue(TEXT_END, strict=in_prose)


def _userinfo_at(text: bytes, start: int) -> tuple[ValueReader, int] | None:
    found = USERINFO.match(text, start)
    if found is None or text[found.end() : found.end() + 1] not in (b"@", b""):
        return None
    return Userinfo(), start


def _name_start(text: bytes, start: int) -> int:
    r"""Where the name begins that a stem is part of; `\n`, `\u0026` or `%26` before it are escapes, not of it."""
    begin, floor = start, max(0, start - LONGEST_NAME)
    while begin > floor and text[begin - 1] in NAME_BYTES:
        begin -= 1
    escape = ESCAPE_BEFORE.match(text, max(0, begin - 1), start)
    return escape.end() if escape else begin
