"""Secrets in header values, by the header's name: credentials, and the values of cookies (RFC 6265)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cassettes.redaction.judgement import is_secret
from cassettes.redaction.secret_kinds import NameKind
from cassettes.redaction.secret_names import kind_of
from cassettes.redaction.spans import Span
from cassettes.redaction.stand_ins import canonical
from cassettes.redaction.value_readers import without_scheme

PAIR = re.compile(rb"[^;]+")
COOKIE, SET_COOKIE = frozenset({"cookie", "cookie2"}), frozenset({"set-cookie", "set-cookie2"})
CHALLENGES = frozenset({"www-authenticate", "proxy-authenticate"})


def holds_secret(name: str) -> bool:
    """Return whether the value of this header is a secret by the header's name, or has secrets as cookies have."""
    lower = name.lower()
    return lower in COOKIE | SET_COOKIE or _kind(lower) is not None


def secrets(name: str, value: bytes, *, asked: bool = False) -> list[Span]:
    """Return where the secrets stand in the value of a header; `asked` says that a rule asks for this header."""
    lower = name.lower()
    if lower in COOKIE:
        return [span for pair in PAIR.finditer(value) for span in _cookie(value, *pair.span())]
    if lower in SET_COOKIE:
        pair = PAIR.match(value)
        return list(_cookie(value, *pair.span())) if pair else []
    kind = _kind(lower)
    if kind is None and not asked:
        return []
    begin = without_scheme(value, len(value) - len(value.lstrip()), len(value))
    end = len(value.rstrip())
    if asked:
        return [Span(begin, end, "header rule", "asked")]
    assert kind is not None
    number = value[begin:end].isdigit()
    found = is_secret(kind, canonical(value[begin:end]), "header", number=number)
    return [Span(begin, end, kind.kind, kind.follow)] if found else []


def _kind(lower: str) -> NameKind | None:
    return None if lower in CHALLENGES else kind_of(lower.encode("latin-1", "replace"), "header")


def _cookie(value: bytes, start: int, end: int) -> Iterator[Span]:
    """The value of one cookie, without blanks and quotes around it. A cookie without a name is all value."""
    name, equals, content = value[start:end].partition(b"=")
    begin = start + (len(name) + 1 if equals else 0)
    content = content if equals else name
    begin += len(content) - len(content.lstrip(b' \t"'))
    content = content.strip(b' \t"')
    if content:
        kind = kind_of(name.strip(), "json")
        yield Span(begin, begin + len(content), "cookie", kind.follow if kind else "random")
