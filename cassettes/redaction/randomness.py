"""Tells values that nobody writes as a word or a number from those that somebody may.

Judged are only the kinds of characters (small letter, capital, digit), never the characters themselves, because a
stand-in keeps the kinds: a secret and its stand-in are judged alike. What counts is a *break*, a place within letters
and digits where the kind changes. A word that begins with a capital has none:

    Revenue2024              1 break        a word and a number
    camelCaseName            0 breaks       words
    claude-3-5-sonnet        0 breaks       words and numbers
    hunter2x9                3 breaks in 9  random
    d41d8cd98f00b204         8 breaks in 16 random
    correct horse battery    0 breaks       words
"""

from __future__ import annotations

import re

SHORTEST = 8
"""Bytes of the shortest value that is random."""

BREAK = re.compile(
    rb"(?<=[a-z])[0-9]|(?<=[A-Z])[0-9]|(?<=[0-9])[A-Za-z]|(?<=[a-z])[A-Z](?![a-z]{2})|(?<=[A-Z]{2})[a-z]"
)
NO_LETTER_OR_DIGIT = re.compile(rb"[^A-Za-z0-9]+")
SPACE = re.compile(rb"[\s\0-\x1f\x7f]")
WORD = re.compile(rb"[^A-Za-z0-9]*(?:[A-Za-z]+|[0-9]+)(?:[^A-Za-z0-9]+(?:[A-Za-z]+|[0-9]+))*[^A-Za-z0-9]*")
CLASSES = tuple(
    re.compile(pattern) for pattern in (rb"[a-z]", rb"[A-Z]", rb"[0-9]", rb"[^A-Za-z0-9\s_./:,;-]")
)


def is_random(value: bytes, shortest: int = SHORTEST) -> bool:
    """Return whether a value cannot be an ordinary word or number."""
    if len(value) < shortest or SPACE.search(value):
        return False
    breaks = len(BREAK.findall(value))
    if breaks < 3:
        return False
    size = len(NO_LETTER_OR_DIGIT.sub(b"", value))
    return (6 if breaks > 3 else 5) * breaks >= size


def is_wordlike(value: bytes) -> bool:
    """Return whether a value has only words and numbers, each by itself: `my-api-key`, `2024`, `Hello`; or nothing."""
    return WORD.fullmatch(value) is not None or not NO_LETTER_OR_DIGIT.sub(b"", value)


def is_composed(value: bytes) -> bool:
    """Return whether a value mixes small letters, capitals, digits and marks, as good passwords have to."""
    return len(value) >= SHORTEST and not SPACE.search(value) and all(one.search(value) for one in CLASSES)
