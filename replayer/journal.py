"""What was served, to whom, and why: for assertions, and for a person who wonders."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from typing import Literal

import msgspec

from replayer.matching.differences import RequestDifference

MOST_ENTRIES = 10_000
"""Entries that are kept: the latest."""

LARGEST = 16 << 20
"""Characters that all kept entries have together, about."""

ENTRY_OVERHEAD = 200
"""Of an entry, beside its long texts."""

type Why = Literal["match", "after-last", "lost-session", "miss", "forwarded"]
"""A match; a match after the last recorded answer; an answer to a client without its session; none; the live
upstream's instead of none."""


class Neighbour(msgspec.Struct, frozen=True):
    """A recorded request that is near to a missed one, and in what they differ."""

    cassette: str
    exchange: int
    differences: list[RequestDifference]


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One request and what became of it.

    `at` is microseconds since the server began; `session` the live session's number; `cassette` and
    `exchange` what was played, None for what matched nothing, which has `nearest`; `status` is that of the
    answer, None when the connection ended without one; `faults` has the faults that changed the
    answer, as lines.
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
    faults: list[str] = []

    @property
    def size(self) -> int:
        """Characters of the entry, about."""
        differences = (found for near in self.nearest for found in near.differences)
        told = sum(len(found.what) + len(found.expected) + len(found.found) for found in differences)
        told += sum(map(len, self.faults))
        return ENTRY_OVERHEAD + len(self.method) + len(self.target) + told


class Journal:
    """The latest entries, oldest first, and counts of all.

    `counts` has how many requests became what, `plays` how often each exchange was played, and `next` is the
    number of the next entry: numbers go on when the rest is forgotten.
    """

    def __init__(self) -> None:
        self.counts: Counter[Why] = Counter()
        self.plays: Counter[int] = Counter()
        self.next = 0
        self._entries: deque[JournalEntry] = deque()
        self._size = 0

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter(tuple(self._entries))

    @property
    def served(self) -> int:
        """Requests, also those whose entries are gone."""
        return self.counts.total()

    @property
    def misses(self) -> int:
        """Requests that matched nothing."""
        return self.counts["miss"]

    def add(self, entry: JournalEntry) -> None:
        """One more request; the oldest entries go when there are too many."""
        self.counts[entry.why] += 1
        self.next += 1
        self._entries.append(entry)
        self._size += entry.size
        while len(self._entries) > MOST_ENTRIES or self._size > LARGEST:
            self._size -= self._entries.popleft().size

    def clear(self) -> None:
        """Forget the entries and the counts."""
        self._entries.clear()
        self._size = 0
        self.counts.clear()
        self.plays.clear()
