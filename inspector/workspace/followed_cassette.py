"""One cassette that is looked at: its index here, the facts of its exchanges from a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from cassettes.file.reader import Cassette
from cassettes.file.storage import is_compressed
from cassettes.views.timeline import EVENT_STREAM
from foundation.errors import CassetteError
from inspector.indexing.columns import Table
from inspector.indexing.exchange_facts import Facts, FactsGatherer
from inspector.indexing.messages import Done, FactsFound, Failed
from inspector.indexing.worker_client import Background, News, Ties

STEP = 4 << 20
"""Bytes of a growing file that are taken in at once: some ten milliseconds."""

MOST_RECORDS = 20
"""Records that are read of an exchange that somebody wants to see before it is summed."""

MOST_COMPARED = 10_000
"""Exchanges of a file of which it is told one by one that they belong elsewhere: few milliseconds."""

QUIET = 10_000_000
"""Microseconds without a change after which a file counts as one that no longer grows."""

type Kind = Literal["stream", "job", "plain"]

type Changed = Callable[["FollowedCassette", Iterable[int] | None], None]
"""Is told which exchanges of a file are no longer as they were; None is any of them."""


class FollowedCassette:
    """A cassette that is looked at, and followed while it grows.

    `table` has the facts of its exchanges as far as they are summed, `ties` what belongs together as far as that is
    known: exchanges that are newer are in none yet. `trouble` is a line on why it cannot be followed any further.
    """

    def __init__(
        self, number: int, name: str, opened: Opened, background: Background, changed: Changed
    ) -> None:
        self.number = number
        self.name = name
        self.path = opened.cassette.path
        self.trouble = ""
        self.grew_at: int | None = None
        self._grows = False
        self._retired: Cassette | None = None
        self._background = background
        self._changed = changed
        self._opening: asyncio.Task[None] | None = None
        self._begin(opened)

    def _begin(self, opened: Opened) -> None:
        """Look at this cassette, and let it be summed."""
        self.cassette, self._state = opened
        self.table = Table()
        self.ties = Ties()
        self._tied = 0  # up to which byte
        self._asked = True
        self._key = self._background.open(self.path, self._hear)

    def close(self) -> None:
        """Let go of the cassette and of the process."""
        if self._opening is not None:
            self._opening.cancel()
        if self._retired is not None:
            self._retired.close()
        self.cassette.close()

    @property
    def summed(self) -> bool:
        """Whether the facts of all exchanges are known, and what belongs together."""
        return len(self.table) >= len(self.cassette) and self._tied >= self.cassette.size

    def facts(self, number: int) -> Facts:
        """What is known of an exchange; of one that is not summed yet, what its first records and the last one tell."""
        if number < len(self.table):
            return self.table.facts(number)
        _, *marks = self.cassette.marks(number)
        tally = FactsGatherer(self.cassette.request(number))
        for mark in [*marks[:MOST_RECORDS], *marks[MOST_RECORDS:][-1:]]:
            tally.add(self.cassette.record(mark))
        return tally.facts()

    def session(self, number: int) -> int | None:
        """The session of an exchange, None where it is not known yet."""
        of = self.ties.sessions.of
        return of[number] if number < len(of) else None

    def job(self, number: int) -> int | None:
        """The first exchange of the job that an exchange belongs to, None where there is none."""
        jobs = self.ties.jobs
        return jobs[number] - 1 if number < len(jobs) and jobs[number] else None

    def kind(self, number: int) -> Kind:
        """What an exchange is that is summed."""
        if self.table.media_type[number] == self.table.media_types.keep(EVENT_STREAM):
            return "stream"
        return "plain" if self.job(number) is None else "job"

    def growing(self, now: int) -> bool:
        """Whether somebody seems to write to it."""
        return self.grew_at is not None and now - self.grew_at < QUIET

    def follow(self, now: int) -> None:
        """Take in what was appended since; a file that was replaced or cut is opened anew. `now` is the clock's."""
        state = state_of(self.path)
        if (
            self.trouble or self._opening is not None or state is None or not state.size
        ):  # emptied, to be begun anew
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
        if not self._asked and self._tied < self.cassette.size:
            self._asked = True
            self._background.look(self._key)

    def _has_grown(self, state: FileIdentity) -> bool:
        """Whether it is the file that is open, and longer; one that is compressed is read anew."""
        same = self._state is not None and state.inode == self._state.inode
        return same and state.size >= self.cassette.size and not is_compressed(self.path)

    def _grow(self, state: FileIdentity) -> None:
        come = self._refresh()
        if state.size <= self.cassette.size + self.cassette.torn:
            self._state = state  # else there is more to take in
        self._changed(self, come)

    async def _open_anew(self) -> None:
        """Open the file that is there now; until that is done, what was there before is shown."""
        try:
            opened = await open_now(self.path)
        except CassetteError as error:
            self._fail(str(error))
            return
        self._background.forget(self._key)
        self._retire(self.cassette)
        self._begin(opened)
        self._opening = None
        self._changed(self, None)

    def _catch_up(self) -> None:
        """Take in what the process has seen already: it may have looked later."""
        before = -1
        while before < self.cassette.size and len(self.cassette) < len(self.table) and not self.trouble:
            before = self.cassette.size
            self._refresh()

    def _refresh(self) -> dict[int, list[int]]:
        try:
            return self.cassette.refresh(STEP)
        except CassetteError as error:
            self._fail(str(error))
            return {}

    def _retire(self, cassette: Cassette) -> None:
        """Close it once whoever still reads in it is done: when the one after it is retired."""
        if self._retired is not None:
            self._retired.close()
        self._retired = cassette

    def _fail(self, trouble: str) -> None:
        """Follow it no further."""
        self.trouble = trouble
        self._changed(self, None)

    def _hear(self, news: News) -> None:
        match news:
            case FactsFound():
                for number, facts in news.rows:
                    self.table.put(number, facts)
                self._catch_up()
                self._changed(self, [number for number, _ in news.rows])
            case Ties():
                before, self.ties = self.ties, news
                self._changed(self, changed(before, news))
            case Done():
                self._tied, self._asked = news.tied, False
                self._changed(self, ())
            case Failed():
                self._fail(news.line)


def changed(before: Ties, now: Ties) -> list[int] | None:
    """The exchanges that belong elsewhere than before; None for any, where there are many."""
    if len(now.jobs) > MOST_COMPARED:
        return None
    old = list(zip(before.sessions.of, before.jobs, strict=True))
    new = list(zip(now.sessions.of, now.jobs, strict=True))
    return [number for number, ties in enumerate(new) if old[number : number + 1] != [ties]]


class Opened(NamedTuple):
    """A cassette that was opened, and the state of the file just before that."""

    cassette: Cassette
    state: FileIdentity | None


async def open_now(path: Path) -> Opened:
    """Open a cassette, in a thread; raises CassetteError."""
    state = state_of(path)
    return Opened(await asyncio.to_thread(Cassette.open, path), state)


class FileIdentity(NamedTuple):
    """What tells whether a file is the one that it was."""

    inode: tuple[int, int]
    size: int
    modified: int


def state_of(path: Path) -> FileIdentity | None:
    """The state of a file; None when it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return FileIdentity((found.st_dev, found.st_ino), found.st_size, found.st_mtime_ns)
