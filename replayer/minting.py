"""Mints tokens of a live session's own: of the recorded ones' length and shape, from a seed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

from cassettes.standin import Standins

PREFIX = re.compile(r"[A-Za-z]{1,12}[_-](?=.{6})")


def mint(recorded: str, *, seed: int, session: int, attempt: int) -> str:
    """The value that stands for a recorded one in a live session; another one for each attempt.

    What it begins with, such as `job_`, stays: it says what kind of a value this is.
    """
    key = hashlib.blake2b(f"{seed}/{session}/{attempt}".encode(), digest_size=32).digest()
    prefix = found[0] if (found := PREFIX.match(recorded)) else ""
    return prefix + Standins(key)(recorded.removeprefix(prefix).encode()).decode()


class Finder:
    """Finds values in bytes, in the spellings that urls and JSON give them, and replaces each by another.

    What replaces a value has its length, so the length of the bytes stays the same. Inside a longer word it is
    another value.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self._meant = {spell(value).encode(): (value, spell) for value in values for spell in SPELLINGS}
        longest_first = sorted(map(re.escape, self._meant), key=len, reverse=True)
        words = b"|".join(longest_first) or rb"(?!)"
        self._pattern = re.compile(rb"(?<![A-Za-z0-9])(?:" + words + rb")(?![A-Za-z0-9])")

    def replace(self, data: bytes, new: Callable[[str], str]) -> bytes:
        """The data with each value replaced by `new` of it."""

        def respell(found: re.Match[bytes]) -> bytes:
            value, spell = self._meant[found[0]]
            return spell(new(value)).encode()

        return self._pattern.sub(respell, data)


def raw(value: str) -> str:
    """A value as it is."""
    return value


def percent(value: str) -> str:
    """A value as a url has it."""
    return quote(value, safe="")


def slashed(value: str) -> str:
    """A value as some servers write it in JSON."""
    return value.replace("/", "\\/")


SPELLINGS = (slashed, percent, raw)
"""The plain one last: where spellings are the same it is the one that counts."""
