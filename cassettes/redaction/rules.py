"""Parses the rules that `--redact` adds, and those by which `--keep` keeps what would be replaced.

header:NAME       the values of a header
name:NAME         the values of a JSON key, a form field or a parameter of a url, compared as names of secrets are
pointer:/a/0/b    a JSON pointer (RFC 6901), in JSON bodies and in the data of SSE events
regex:PATTERN     a regular expression, in all text; it must match what is secret and nothing around it
email phone card  named sets; a card number has 12 to 19 digits and a right check digit (ISO/IEC 7812)
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import regex

from foundation import json_pointer
from foundation.errors import UsageError

FORMS = ("header:NAME", "name:NAME", "pointer:/JSON/POINTER", "regex:PATTERN", "email", "phone", "card")


@dataclass(frozen=True)
class HeaderRule:
    """The values of the header `name`, which is in lower case."""

    name: str


@dataclass(frozen=True)
class NameRule:
    """The values of keys, fields and parameters of this name."""

    name: str


@dataclass(frozen=True)
class PointerRule:
    """The value that a JSON pointer refers to; `path` is its tokens, without their escapes."""

    path: tuple[str, ...]


@dataclass(frozen=True)
class PatternRule:
    """Every match of the pattern for which `accepts` returns True."""

    pattern: bytes
    accepts: Callable[[bytes], bool] = lambda _: True
    kind: str = "regex rule"


type Rule = HeaderRule | NameRule | PointerRule | PatternRule


def luhn(text: bytes) -> bool:
    """Return whether the check digit of a number is right (ISO/IEC 7812); other characters are skipped."""
    digits = [byte - 0x30 for byte in reversed(text) if 0x30 <= byte <= 0x39]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


NAMED = {
    "email": PatternRule(
        rb"(?<![\w.+%-])[\w.+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}[A-Za-z]{2,24}(?![\w-])",
        kind="email",
    ),
    "phone": PatternRule(
        rb"(?<![\w.+/=-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,5}\)[ .-]?)?\d{2,5}(?:[ .-]?\d{2,5}){1,4}(?![\w-]|\.\d)",
        lambda found: found[:1] in b"+(0" and 7 <= sum(0x30 <= byte <= 0x39 for byte in found) <= 15,
        kind="phone",
    ),
    "card": PatternRule(rb"(?<![\w.-])\d(?:[ -]?\d){11,18}(?![\w-]|\.\d)", luhn, kind="card"),
}


def parse_rules(texts: Iterable[str], option: str = "--redact") -> list[Rule]:
    """Parse rules of the command line; raises a UsageError that names the option and the most similar form."""
    return [parse_rule(text, option) for text in texts]


def parse_rule(text: str, option: str = "--redact") -> Rule:
    """Parse a rule of the command line; raises UsageError."""
    kind, colon, argument = text.partition(":")
    if not colon and kind in NAMED:
        return NAMED[kind]
    if kind not in PARSERS or not colon:
        raise UsageError(f"{option} {text}: no such rule; {_suggestion(kind)}")
    if not argument:
        raise UsageError(f"{option} {text}: nothing after the colon; write {_form(kind)}")
    try:
        return PARSERS[kind](argument)
    except ValueError as error:
        raise UsageError(f"{option} {text}: {error}") from None


def _header(name: str) -> Rule:
    if not regex.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
        raise ValueError("not the name of a header; write it without colon or value")
    return HeaderRule(name.lower())


def _name(name: str) -> Rule:
    if not regex.fullmatch(r"[\w.-]{1,64}", name):
        raise ValueError("not the name of a field; write up to 64 letters, digits, _, - and .")
    return NameRule(name)


def _pointer(pointer: str) -> Rule:
    if not pointer.startswith("/"):
        raise ValueError(f"a JSON pointer begins with a slash; write pointer:/{pointer}")
    try:
        return PointerRule(json_pointer.parse(pointer))
    except ValueError:
        raise ValueError("a tilde stands only in ~0 (for ~) and ~1 (for /)") from None


def _pattern(pattern: str) -> Rule:
    try:
        compiled = regex.compile(pattern.encode())
    except regex.error as error:
        raise ValueError(f"{error}; see the syntax of Python's re") from error
    if compiled.match(b"") is not None:
        raise ValueError("it matches nothing at all; use + instead of *")
    return PatternRule(pattern.encode())


PARSERS: dict[str, Callable[[str], Rule]] = {
    "header": _header,
    "name": _name,
    "pointer": _pointer,
    "regex": _pattern,
}


def _form(kind: str) -> str:
    return next(form for form in FORMS if form.startswith(kind))


def _suggestion(kind: str) -> str:
    near = difflib.get_close_matches(kind.lower(), [*PARSERS, *NAMED], n=1)
    return f"did you mean {_form(near[0])}?" if near else f"write one of {', '.join(FORMS)}"
