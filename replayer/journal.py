"""The journal of a replay: which request got which response, and why."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from foundation.clock import SYSTEM, Clock
from replayer.exchange_number import ReplayExchange, ShownExchange
from replayer.matching.differences import RequestDifference

MOST_ENTRIES = 10_000
"""Entries that are kept; the latest of all."""

LARGEST = 16 << 20
"""Characters of all kept entries together, about."""

ENTRY_OVERHEAD = 200
"""Characters that an entry counts for beside its texts, about."""

type Why = Literal["match", "after-last", "lost-session", "miss", "forwarded"]
"""What became of a request: it matched; it matched after the last recorded response; it came without its session's
cookies; it matched nothing and got a report; it matched nothing and was forwarded to the live upstream."""


class Neighbour(msgspec.Struct, frozen=True):
    """A recorded request that is near to a missed one, and in what they differ; `exchange` is as in an entry.

    `options` are those of `chatreel replay` with which they would match, as a shell reads them.
    """

    cassette: str
    exchange: ShownExchange
    differences: list[RequestDifference]
    options: list[str] = []


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One request and what became of it.

    `at` is in microseconds since the server began, `session` the number of the client session. `cassette` and
    `exchange` are what was played: 15 for the exchange of that number in the one file of the replay, "2.15" for
    that of the file 2 where there are several, both from 0, as a fault's `exchange=` takes it. They are None for
    a miss, which has `nearest`. `fresh` are the values of the request that counted as equal to other recorded ones,
    because both are fresh by nature. `status` is None when the connection ended without a response; `faults` has
    the faults that changed the response, as lines.
    """

    number: int
    at: int
    method: str
    target: str
    why: Why
    session: int | None = None
    cassette: str | None = None
    exchange: ShownExchange | None = None
    status: int | None = None
    nearest: list[Neighbour] = []
    fresh: list[RequestDifference] = []
    faults: list[str] = []

    @property
    def size(self) -> int:
        """Characters of the entry, about."""
        near = (found for near in self.nearest for found in near.differences)
        differences = (*near, *self.fresh)
        texts = sum(len(found.what) + len(found.expected) + len(found.found) for found in differences)
        texts += sum(map(len, self.faults))
        return ENTRY_OVERHEAD + len(self.method) + len(self.target) + texts


class Journal:
    """The latest entries, oldest first, and counts of all requests.

    `began` is when the journal began, in microseconds of the clock. `counts` has the number of requests by what
    became of them, `plays` how often each exchange was played, `next` the number of the next entry, which goes
    on when the rest is cleared. `most_entries` are kept, as `MOST_ENTRIES` says. `watch`, if it is set, is called with
    each new entry.
    """

    def __init__(self, clock: Clock = SYSTEM, *, most_entries: int = MOST_ENTRIES) -> None:
        self._most_entries = most_entries
        self._clock = clock
        self.began = clock.now()
        self.counts: Counter[Why] = Counter()
        self.plays: Counter[ReplayExchange] = Counter()
        self.next = 0
        self.watch: Callable[[JournalEntry], None] | None = None
        self._entries: deque[JournalEntry] = deque()
        self._size = 0

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter(tuple(self._entries))

    def now(self) -> int:
        """Microseconds since the journal began, for an entry's `at`."""
        return self._clock.now() - self.began

    @property
    def served(self) -> int:
        """How many requests there were, those included whose entries are no longer kept."""
        return self.counts.total()

    @property
    def misses(self) -> int:
        """How many requests matched nothing and got a report."""
        return self.counts["miss"]

    def add(self, entry: JournalEntry) -> None:
        """Add an entry; the oldest ones go when there are too many."""
        self.counts[entry.why] += 1
        self.next += 1
        self._entries.append(entry)
        if self.watch is not None:
            self.watch(entry)
        self._size += entry.size
        while len(self._entries) > self._most_entries or self._size > LARGEST:
            self._size -= self._entries.popleft().size

    def clear(self) -> None:
        """Forget the entries and the counts."""
        self._entries.clear()
        self._size = 0
        self.counts.clear()
        self.plays.clear()
