"""Parses the options `--match` and `--ignore`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from foundation import json_pointer
from foundation.errors import UsageError
from replayer.matching.comparable_body import (
    Pointer,
)
from replayer.matching.matcher import PARTS, Match

EXACT = "exact"

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def parse_match(words: Iterable[str], ignored: Iterable[str] = ()) -> Match:
    """Return what `--match` and `--ignore` say is compared; raises UsageError.

    --match path,body                       only these parts
    --match +header:Accept --match -query   the default parts, with this header and without the query
    --match exact                           no two values are equal because both are fresh
    --ignore /id --ignore query:v           without this field of the body and this parameter of the query
    """
    given = [word.strip() for text in words for word in text.split(",")]
    found = [word for word in given if word.lower() != EXACT]
    plain = [part(word) for word in found if not word.startswith(("+", "-"))]
    chosen = dict.fromkeys(plain or PARTS)
    for word in found:
        if word.startswith("+"):
            chosen[part(word[1:])] = None
        elif word.startswith("-"):
            chosen.pop(part(word[1:]), None)
    marks = list(ignored)
    return Match(
        parts=frozenset(chosen) & frozenset(PARTS),
        headers=tuple(sorted(name.removeprefix("header:") for name in chosen if name not in PARTS)),
        pointers=tuple(pointer(mark) for mark in marks if not mark.startswith("query:")),
        names=frozenset(mark.removeprefix("query:") for mark in marks if mark.startswith("query:")),
        fresh=found == given,
    )


def part(word: str) -> str:
    """Return a part in lower case; raises a UsageError that names the most similar one."""
    kind, _, name = word.partition(":")
    if word.lower() in PARTS:
        return word.lower()
    if kind.lower() == "header" and HEADER_NAME.fullmatch(name):
        return f"header:{name.lower()}"
    near = difflib.get_close_matches(kind.lower(), [*PARTS, "header"], n=1)
    meant = ["header:NAME"] if near == ["header"] else near
    hint = f"did you mean {meant[0]}?" if meant else f"write {', '.join(PARTS)}, header:NAME or {EXACT}"
    raise UsageError(f"--match {word}: there is no such part to compare; {hint}")


def pointer(text: str) -> Pointer:
    """Return the steps of a JSON pointer (RFC 6901); raises UsageError."""
    if not text.startswith("/"):
        hint = f"write /{text}, or query:{text}" if text else "--match -body leaves out the whole body"
        raise UsageError(f"--ignore {text}: this is no JSON pointer; {hint}")
    try:
        return json_pointer.parse(text)
    except ValueError:
        raise UsageError(
            f"--ignore {text}: write ~ as ~0 in a JSON pointer, and / inside a name as ~1"
        ) from None
