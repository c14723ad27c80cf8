"""Splits what is written for a fault into its words: `reset after-events=3 body='not found' data={"a": [1, 2]}`.

A value with blanks in it stands in single or double quotes; JSON is written as it is.
"""

from __future__ import annotations

import re

import msgspec

OPEN, CLOSE = "{[", "}]"


def words(text: str) -> list[str]:
    """The words, cut at blanks outside of quotes and brackets; raises ValueError for quotes without an end."""
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
    """Whether a word ends where a value begins: an apostrophe elsewhere is one.

    No name is longer than that, and a long word with many quotes must not take for ever.
    """
    return bool(re.fullmatch(r"[a-z-]{0,40}=?'", word))


def unquoted(value: str) -> str:
    """The text of a value that may stand in quotes."""
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return value[1:-1]
    if len(value) >= 2 and value[0] == value[-1] == '"':
        try:
            return msgspec.json.decode(value, type=str)
        except (msgspec.MsgspecError, UnicodeError):
            return value[1:-1]
    return value


def quoted(value: str) -> str:
    """A text as it is written for a parameter that takes texts."""
    plain = value and not re.search(r"[\s'\"{}\[\]\\]", value)
    return value if plain else msgspec.json.encode(value).decode()
