"""What was served, to whom, and why: for assertions, and for a person who wonders."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Literal

import msgspec

from replayer.matching import Difference

LONGEST = 10_000
"""Entries that are kept: the latest."""

type Why = Literal["match", "after-last", "lost-session", "miss"]
"""A match; a match after the last recorded answer; an answer to a client without its session; none."""


class Neighbour(msgspec.Struct, frozen=True):
    """A recorded request that is near to a missed one, and in what they differ."""

    cassette: str
    exchange: int
    differences: list[Difference]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One request and what became of it.

    `at` is microseconds since the server began; `session` the live session's number; `cassette` and
    `exchange` what was played, None for a miss, which has `nearest`; `status` is that of the answer, None
    when nothing was answered.
    """

    number: int
    at: int
    method: str
    target: str
    why: Why
    session: int | None = None
    cassette: str | None = None
    exchange: int | None = None
    status: int | None = None
    nearest: list[Neighbour] = []


class Journal:
    """The latest entries, oldest first, and counts of all."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=LONGEST)
        self.served = 0
        self.misses = 0

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def add(self, entry: Entry) -> None:
        """One more request."""
        self._entries.append(entry)
        self.served += 1
        self.misses += entry.why == "miss"

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()
        self.served = self.misses = 0
