"""A cassette that is shown while it grows.

Two processes read it. This one keeps the offsets of its records (`Cassette`) and reads a record when the page wants
it; the indexing process reads all of it and sends facts and groups. Every look at the file finds one of these:

    the file now                                        what is done
    same identity as at the last look                   nothing; 10 s later it counts as no longer growing
    same inode, longer                                  the offsets of the new records are added, 4 MiB at a look
    another inode, or shorter, or compressed            it is opened anew; until then the old one is shown
    gone or empty                                       nothing: it is about to be written anew

After each look the indexing process is sent ReadGrowth when it has not read all, and is not busy.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple

from cassettes.file.reader import Cassette
from cassettes.file.storage import is_compressed
from foundation import walltime
from foundation.errors import CassetteError
from inspector.indexing.columns import Table
from inspector.indexing.exchange_facts import Facts, FactsGatherer
from inspector.indexing.found_text import FoundText
from inspector.indexing.messages import CaughtUp, FactsFound, IndexingFailed, TextFound
from inspector.indexing.text_search import TextTerm
from inspector.indexing.worker_client import Grouping, IndexingClient, IndexingResult

GROWTH_AT_ONCE = 4 << 20
"""Bytes of a growing file whose records are located at one look: some ten milliseconds."""

MOST_RECORDS = 20
"""Records that are read for the facts of an exchange that is not indexed yet."""

MOST_COMPARED = 10_000
"""Exchanges of a file up to which changed groups are reported one by one: a few milliseconds."""

MOST_TEXTS = 24
"""Texts whose exchanges are known, those that were asked for last; a filter can have 20 words."""

QUIET_TIME = 10_000_000
"""Microseconds without a change after which a file counts as no longer growing."""

type Kind = Literal["stream", "job", "plain"]

type ChangeListener = Callable[["FollowedCassette", Iterable[int] | None], None]
"""Is called with the numbers of a file's exchanges that changed; None stands for any of them."""


class FollowedCassette:
    """A cassette, the facts and groups of its exchanges, and how far they are known.

    `table` has the facts of the exchanges that are indexed, `grouping` their sessions and jobs; newer exchanges have
    none yet. `trouble` is a line that says why the file cannot be followed any further, and empty while it can.
    """

    def __init__(
        self, number: int, name: str, opened: Opened, indexing: IndexingClient, changed: ChangeListener
    ) -> None:
        self.number = number
        self.name = name
        self.path = opened.cassette.path
        self.trouble = ""
        self.grew_at: int | None = None
        self._grows = False
        self._retired: Cassette | None = None
        self._indexing = indexing
        self._changed = changed
        self._opening: asyncio.Task[None] | None = None
        self._begin(opened)

    def _begin(self, opened: Opened) -> None:
        """Show this cassette, and have it indexed."""
        self.cassette, self._state = opened
        self.table = Table()
        self.grouping = Grouping()
        self._texts: OrderedDict[TextTerm, FoundText] = OrderedDict()
        self._grouped_bytes = 0
        self._indexer_busy = True
        self._key = self._indexing.open(self.path, self._take_result)

    def close(self) -> None:
        """Close the cassette, and the one that it replaced."""
        if self._opening is not None:
            self._opening.cancel()
        if self._retired is not None:
            self._retired.close()
        self.cassette.close()

    @property
    def is_indexed(self) -> bool:
        """Whether the facts and the groups of all exchanges are known."""
        return len(self.table) >= len(self.cassette) and self._grouped_bytes >= self.cassette.size

    def facts(self, number: int) -> Facts:
        """The facts of an exchange; before it is indexed, those that its first records and its last one give."""
        if number < len(self.table):
            return self.table.facts(number)
        _, *marks = self.cassette.marks(number)
        gatherer = FactsGatherer(self.cassette.request(number))
        for mark in [*marks[:MOST_RECORDS], *marks[MOST_RECORDS:][-1:]]:
            gatherer.add(self.cassette.record(mark))
        return gatherer.facts()

    def session(self, number: int) -> int | None:
        """The session of an exchange, None where it is not known yet."""
        of = self.grouping.sessions.of
        return of[number] if number < len(of) else None

    def job(self, number: int) -> int | None:
        """The first exchange of the job that an exchange belongs to, None where there is none."""
        jobs = self.grouping.jobs
        return jobs[number] - 1 if number < len(jobs) and jobs[number] else None

    def kind(self, number: int) -> Kind:
        """The kind of an exchange that is indexed."""
        if self.table.stream[number]:
            return "stream"
        return "plain" if self.job(number) is None else "job"

    def text(self, term: TextTerm) -> FoundText:
        """The exchanges that have a text, as far as they are found; the first call begins the search for it."""
        found = self._texts.get(term)
        if found is None:
            found = self._texts[term] = FoundText()
            self._indexing.search(self._key, term)
        self._texts.move_to_end(term)
        if len(self._texts) > MOST_TEXTS:
            self._indexing.forget_text(self._key, self._texts.popitem(last=False)[0])
        return found

    def recorded_at(self, number: int) -> int | None:
        """When the recording of an exchange began: microseconds since 1970 in UTC, None where its header lacks it."""
        with suppress(ValueError):
            return walltime.parse(self.cassette.header(number).created)
        return None

    def growing(self, now: int) -> bool:
        """Whether the file changed within the last `QUIET_TIME`; `now` is the clock's, in microseconds."""
        return self.grew_at is not None and now - self.grew_at < QUIET_TIME

    def follow(self, now: int) -> None:
        """Look at the file, and do what the table in the module's docstring says; `now` is the clock's."""
        state = identity_of(self.path)
        if self.trouble or self._opening is not None or state is None or not state.size:
            return
        if state != self._state:
            self.grew_at = now
            self._grows = True
            if self._has_grown(state):
                self._grow(state)
            else:
                self._opening = asyncio.create_task(self._open_anew())
        elif self._grows and not self.growing(now):
            self._grows = False
            self._changed(self, ())
        if not self._indexer_busy and self._grouped_bytes < self.cassette.size:
            self._indexer_busy = True
            self._indexing.read_growth(self._key)

    def _has_grown(self, state: FileIdentity) -> bool:
        """Whether the file is the one that is open, only longer; a compressed one cannot be read on."""
        same = self._state is not None and state.inode == self._state.inode
        return same and state.size >= self.cassette.size and not is_compressed(self.path)

    def _grow(self, state: FileIdentity) -> None:
        changed = self._refresh()
        if state.size <= self.cassette.size + self.cassette.torn:
            self._state = state  # else the next look goes on
        self._changed(self, changed)

    async def _open_anew(self) -> None:
        """Open the file that replaced the one that is shown."""
        try:
            opened = await open_cassette(self.path)
        except CassetteError as error:
            self._fail(str(error))
            return
        self._indexing.forget(self._key)
        self._retire(self.cassette)
        self._begin(opened)
        self._opening = None
        self._changed(self, None)

    def _catch_up(self) -> None:
        """Locate the records that the indexing process has read already: it may have looked at the file later."""
        before = -1
        while before < self.cassette.size and len(self.cassette) < len(self.table) and not self.trouble:
            before = self.cassette.size
            self._refresh()

    def _refresh(self) -> dict[int, list[int]]:
        try:
            return self.cassette.refresh(GROWTH_AT_ONCE)
        except CassetteError as error:
            self._fail(str(error))
            return {}

    def _retire(self, cassette: Cassette) -> None:
        """Close a replaced cassette only when the next one is replaced: requests may still read in it."""
        if self._retired is not None:
            self._retired.close()
        self._retired = cassette

    def _fail(self, trouble: str) -> None:
        """Stop to follow the file."""
        self.trouble = trouble
        self._changed(self, None)

    def _take_result(self, result: IndexingResult) -> None:
        match result:
            case FactsFound():
                for number, facts in result.rows:
                    self.table.put(number, facts)
                self._catch_up()
                self._changed(self, [number for number, _ in result.rows])
            case Grouping():
                before, self.grouping = self.grouping, result
                self._changed(self, regrouped(before, result))
            case CaughtUp():
                self._grouped_bytes, self._indexer_busy = result.groups_bytes, False
                self._changed(self, ())
            case TextFound():
                if result.term in self._texts:
                    self._texts[result.term].add(result.found, result.searched)
                    self._changed(self, ())
            case IndexingFailed():
                self._fail(result.reason)


def regrouped(before: Grouping, now: Grouping) -> list[int] | None:
    """The exchanges whose session or job is another than before; None stands for any, where there are many."""
    if len(now.jobs) > MOST_COMPARED:
        return None
    old = list(zip(before.sessions.of, before.jobs, strict=True))
    new = list(zip(now.sessions.of, now.jobs, strict=True))
    return [number for number, groups in enumerate(new) if old[number : number + 1] != [groups]]


class Opened(NamedTuple):
    """A cassette, and the identity of its file just before it was opened."""

    cassette: Cassette
    state: FileIdentity | None


async def open_cassette(path: Path) -> Opened:
    """Open a cassette in a thread; raises CassetteError."""
    state = identity_of(path)
    return Opened(await asyncio.to_thread(Cassette.open, path), state)


class FileIdentity(NamedTuple):
    """Device and inode, bytes, and nanoseconds of the last change: a file that changed has another."""

    inode: tuple[int, int]
    size: int
    modified: int


def identity_of(path: Path) -> FileIdentity | None:
    """The identity of a file, None when it does not exist."""
    try:
        found = path.stat()
    except OSError:
        return None
    return FileIdentity((found.st_dev, found.st_ino), found.st_size, found.st_mtime_ns)
