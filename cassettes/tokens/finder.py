"""Finds known values in bytes, in the spellings of urls and JSON, and replaces each by another of its length."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

from ahocorasick_rs import MATCHKIND_LEFTMOST_LONGEST, BytesAhoCorasick

UNSAFE = re.compile("[<>&'=+]")

WORD, WORD_ENDS = re.compile(rb"[A-Za-z0-9]"), re.compile(rb"[A-Za-z0-9]\Z")

FRACTION, WHOLE_ENDS = re.compile(rb"\.[0-9]"), re.compile(rb"[0-9]\.\Z")

ESCAPE_ENDS = re.compile(rb"(%[0-9A-Fa-f]{2}|\\[bfnrt]|\\u[0-9A-Fa-f]{4})\Z")
"""What ends like a word and is a character of its own: a slash in a url, a line end in JSON."""


class TokenFinder:
    """Finds values in bytes, in the spellings that urls and JSON give them, and replaces each by another.

    What replaces a value has its length, so the length of the bytes stays the same. Inside a longer word or
    number it is another value.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self.values = frozenset(values)
        meant = {
            spell(value).encode(): (value, spell) for value in sorted(self.values) for spell in SPELLINGS
        }
        self._meant = list(meant.values())
        self._words = BytesAhoCorasick(meant, matchkind=MATCHKIND_LEFTMOST_LONGEST)

    def replace(self, data: bytes, new: Callable[[str], str]) -> bytes:
        """The data with each value replaced by `new` of it."""
        done, at = [], 0
        for which, start, stop in self._words.find_matches_as_indexes(data):
            if is_apart(data, start, stop):
                value, spell = self._meant[which]
                done += [data[at:start], spell(new(value)).encode()]
                at = stop
        return b"".join([*done, data[at:]]) if done else data


def is_apart(data: bytes, start: int, stop: int) -> bool:
    """Whether a value in data stands for itself and is not a part of a longer one."""
    before, after = data[max(0, start - 6) : start], data[stop : stop + 2]
    if WORD_ENDS.search(before) and not ESCAPE_ENDS.search(before):
        return False
    if data[start:stop].isdigit() and (FRACTION.match(after) or WHOLE_ENDS.search(before)):
        return False
    return WORD.match(after) is None


def raw(value: str) -> str:
    """A value as it is."""
    return value


def percent(value: str) -> str:
    """A value as a url has it."""
    return quote(value, safe="")


def slashed(value: str) -> str:
    """A value as some servers write it in JSON."""
    return value.replace("/", "\\/")


def unicode_escaped(value: str) -> str:
    """A value in JSON that is safe inside HTML."""
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)


SPELLINGS = (slashed, percent, unicode_escaped, raw)
"""The plain one last: where spellings are the same it is the one that counts."""
