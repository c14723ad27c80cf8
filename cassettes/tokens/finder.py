"""Finds known values in bytes, in the spellings of urls and JSON, and replaces each by another of its length."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote

from ahocorasick_rs import MATCHKIND_LEFTMOST_LONGEST, BytesAhoCorasick

UNSAFE = re.compile("[<>&'=+]")

WORD, WORD_ENDS = re.compile(rb"[A-Za-z0-9]"), re.compile(rb"[A-Za-z0-9]\Z")

FRACTION, WHOLE_ENDS = re.compile(rb"\.[0-9]"), re.compile(rb"[0-9]\.\Z")

ESCAPE_ENDS = re.compile(rb"(%[0-9A-Fa-f]{2}|\\[bfnrt]|\\u[0-9A-Fa-f]{4})\Z")
"""An escape in front of a value (`%2F`; a line end in JSON): it ends like a word, but is not part of the value."""


class TokenMatch(NamedTuple):
    """A value that stands at `start` to `stop` of some bytes, and the place in SPELLINGS of how it is spelled."""

    start: int
    stop: int
    value: str
    spelling: int


class TokenFinder:
    """Replaces known values in bytes, in each spelling that urls and JSON give them.

    What replaces a value has its length, so the length of the bytes stays the same. Where the value is part of a
    longer word or number it is left alone: for the value `42a`, `id=42a&x=142a` becomes `id=NEW&x=142a`.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self.values = frozenset(values)
        meant = {
            spell(value).encode(): (value, place)
            for value in sorted(self.values)
            for place, spell in enumerate(SPELLINGS)
        }
        self._meant = list(meant.values())
        self._words = BytesAhoCorasick(meant, matchkind=MATCHKIND_LEFTMOST_LONGEST)

    def matches(self, data: bytes) -> Iterator[TokenMatch]:
        """Yield each value that stands in the data, in their order."""
        for which, start, stop in self._words.find_matches_as_indexes(data):
            if is_apart(data, start, stop):
                yield TokenMatch(start, stop, *self._meant[which])

    def replace(self, data: bytes, new: Callable[[str], str]) -> bytes:
        """The data with each value replaced by what `new` returns for it, in the spelling that was found."""
        done, at = [], 0
        for start, stop, value, spelling in self.matches(data):
            done += [data[at:start], SPELLINGS[spelling](new(value)).encode()]
            at = stop
        return b"".join([*done, data[at:]]) if done else data


def is_apart(data: bytes, start: int, stop: int) -> bool:
    """Whether the value at `start` to `stop` is a whole word or number of the data, not a part of a longer one."""
    before, after = data[max(0, start - 6) : start], data[stop : stop + 2]
    if WORD_ENDS.search(before) and not ESCAPE_ENDS.search(before):
        return False
    if data[start:stop].isdigit() and (FRACTION.match(after) or WHOLE_ENDS.search(before)):
        return False
    return WORD.match(after) is None


def raw(value: str) -> str:
    """The spelling in plain text."""
    return value


def percent(value: str) -> str:
    """The spelling in a url, percent-encoded (RFC 3986, 2.1)."""
    return quote(value, safe="")


def slashed(value: str) -> str:
    r"""The spelling in JSON of servers that write a slash as `\/`."""
    return value.replace("/", "\\/")


def unicode_escaped(value: str) -> str:
    r"""The spelling in JSON that is safe inside HTML: `=` as `\u003d`."""
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)


SPELLINGS = (slashed, percent, unicode_escaped, raw)
"""The plain one last: where spellings are the same it is the one that counts."""
