"""Secrets in header values, by the header's name: credentials, and the values of cookies (RFC 6265)."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from cassettes.redaction import secret_names
from cassettes.redaction.spans import Span
from cassettes.redaction.value_readers import without_scheme

PAIR = re.compile(rb"[^;]+")


def is_structured(name: str, more: Container[str] = ()) -> bool:
    """Whether this header holds secrets by its name; `more` are the names that rules add, in lower case."""
    lower = name.lower()
    return lower in ("cookie", "set-cookie") or lower in secret_names.SECRET_HEADERS or lower in more


def secrets(name: str, value: bytes) -> list[Span]:
    """Where the secrets stand in the value of a structured header."""
    lower = name.lower()
    if lower == "cookie":
        return [span for pair in PAIR.finditer(value) for span in _cookie(value, *pair.span())]
    if lower == "set-cookie":
        pair = PAIR.match(value)
        return list(_cookie(value, *pair.span())) if pair else []
    begin = without_scheme(value, len(value) - len(value.lstrip()), len(value))
    return [Span(begin, len(value.rstrip()))]


def _cookie(value: bytes, start: int, end: int) -> Iterator[Span]:
    """The value of one cookie, without blanks and quotes around it. A cookie without a name is all value."""
    name, equals, content = value[start:end].partition(b"=")
    begin = start + (len(name) + 1 if equals else 0)
    content = content if equals else name
    begin += len(content) - len(content.lstrip(b' \t"'))
    content = content.strip(b' \t"')
    if content:
        yield Span(begin, begin + len(content), strict=not secret_names.is_secret(name.strip()))
