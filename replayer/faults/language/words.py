"""Splits what is written for a fault into its words: `reset after-events=3 body='not found' data={"a": [1, 2]}`.

A value with blanks in it stands in single or double quotes; JSON is written as it is.
"""

from __future__ import annotations

import re

import msgspec

OPEN, CLOSE = "{[", "}]"


def words(text: str) -> list[str]:
    """Return the words between blanks outside of quotes and brackets; raises ValueError for one that is left open."""
    found: list[str] = []
    word, depth, quote, escaped = "", 0, "", False
    for character in text:
        if not (character.isspace() and not quote and depth <= 0):
            word += character
        elif word:
            found.append(word)
            word = ""
        if quote:
            quote = "" if character == quote and not escaped else quote
        elif character == '"' or (character == "'" and depth <= 0 and opens_value(word)):
            quote = character
        elif bracket := (character in OPEN) - (character in CLOSE):
            depth += bracket
        escaped = character == "\\" and not escaped
    if quote or depth > 0:
        raise ValueError(f"{word!r} has no end: a quote or a bracket is left open")
    return [*found, word] if word else found


def opens_value(word: str) -> bool:
    """Return whether the apostrophe at the end of a word opens a quoted value; elsewhere it is only an apostrophe.

    No name is longer than the pattern allows. Without that bound, a long word of many quotes takes quadratic time.
    """
    return bool(re.fullmatch(r"[a-z-]{0,40}=?'", word))


def unquoted(value: str) -> str:
    """Return the text of a value without the quotes around it, if there are any."""
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return value[1:-1]
    if len(value) >= 2 and value[0] == value[-1] == '"':
        try:
            return msgspec.json.decode(value, type=str)
        except (msgspec.MsgspecError, UnicodeError):
            return value[1:-1]
    return value


def quoted(value: str) -> str:
    """Return a text as it is written in a line: in quotes where it needs them."""
    plain = value and not re.search(r"[\s'\"{}\[\]\\]", value)
    return value if plain else msgspec.json.encode(value).decode()
