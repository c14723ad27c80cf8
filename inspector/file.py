"""One cassette that is looked at: its index here, the facts of its exchanges from a process of its own."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from array import array
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple

from cassettes.errors import CassetteError
from cassettes.reader import Cassette
from cassettes.sessions import Sessions
from cassettes.storage import is_compressed
from cassettes.timeline import EVENT_STREAM
from inspector import summing
from inspector.facts import Facts, Tally
from inspector.messages import AnyMessage, Done, Failed, Found, Look, Tied, receive, send
from inspector.table import Table

STEP = 4 << 20
"""Bytes of a growing file that are taken in at once: some ten milliseconds."""

QUIET = 10_000_000
"""Microseconds without a change after which a file counts as one that no longer grows."""

type Kind = Literal["stream", "job", "plain"]

type Changed = Callable[["File", Iterable[int] | None], None]
"""Is told which exchanges of a file are no longer as they were; None is any of them."""


class File:
    """A cassette that is looked at, and followed while it grows.

    `table` has the facts of its exchanges as far as they are summed, `sessions` and `jobs` what belongs together as
    far as that is known: exchanges that are newer are in none yet. `jobs` has the first exchange of each one's job,
    plus one. `trouble` is a line on why it cannot be followed any further.
    """

    def __init__(self, number: int, cassette: Cassette, changed: Changed) -> None:
        self.number = number
        self.path = cassette.path
        self.name = cassette.path.name
        self.trouble = ""
        self.grew_at: int | None = None
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self._opening: asyncio.Task[None] | None = None
        self._begin(cassette)

    def _begin(self, cassette: Cassette) -> None:
        """Look at this cassette, and let it be summed."""
        self._state = state_of(self.path)
        self.cassette = cassette
        self.table = Table()
        self.sessions = Sessions([])
        self.jobs = array("I")
        self._done = Done(0, 0)
        self._asked = True
        self._process = summing.start(self.path)
        self._thread = threading.Thread(target=self._listen, args=(self._process,), name="chatreel-summing")
        self._thread.start()

    def close(self) -> None:
        """Let go of the cassette and of the process."""
        if self._opening is not None:
            self._opening.cancel()
        self._end()

    def _end(self) -> None:
        process = self._process
        assert process.stdin is not None
        process.kill()  # it only reads
        self._thread.join()
        process.stdin.close()
        process.wait()
        self.cassette.close()

    @property
    def summed(self) -> bool:
        """Whether the facts of all exchanges are known, and what belongs together."""
        return len(self.table) == len(self.cassette) and self._done.tied >= self.cassette.size

    def facts(self, number: int) -> Facts:
        """What is known of an exchange; one that is not summed yet is read."""
        if number < len(self.table):
            return self.table.facts(number)
        tally = Tally(self.cassette.request(number))
        for mark in self.cassette.marks(number)[1:]:
            tally.add(self.cassette.record(mark))
        return tally.facts()

    def session(self, number: int) -> int | None:
        """The session of an exchange, None where it is not known yet."""
        return self.sessions.of[number] if number < len(self.sessions.of) else None

    def job(self, number: int) -> int | None:
        """The first exchange of the job that an exchange belongs to, None where there is none."""
        return self.jobs[number] - 1 if number < len(self.jobs) and self.jobs[number] else None

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
        if self.trouble or self._opening is not None or state is None:
            return
        if state != self._state:
            self.grew_at = now
            if self._has_grown(state):
                self._grow(state)
            else:
                self._opening = asyncio.create_task(self._open_anew())
        if not self._asked and self._done.tied < self.cassette.size:
            self._ask()

    def _has_grown(self, state: State) -> bool:
        """Whether it is the file that is open, and longer; one that is compressed is read anew."""
        same = self._state is not None and state.inode == self._state.inode
        return same and state.size >= self.cassette.size and not is_compressed(self.path)

    def _grow(self, state: State) -> None:
        try:
            come = self.cassette.refresh(STEP)
        except CassetteError as error:
            self._fail(str(error))
            return
        if state.size <= self.cassette.size + self.cassette.torn:
            self._state = state  # else there is more to take in
        self._changed(self, come)

    async def _open_anew(self) -> None:
        """Open the file that is there now; until that is done, what was there before is shown."""
        try:
            cassette = await asyncio.to_thread(Cassette.open, self.path)
        except CassetteError as error:
            self._fail(str(error))
            return
        await asyncio.to_thread(self._end)
        self._begin(cassette)
        self._opening = None
        self._changed(self, None)

    def _fail(self, trouble: str) -> None:
        """Follow it no further."""
        self.trouble = trouble
        self._changed(self, None)

    def _ask(self) -> None:
        """Let the process look at what is new."""
        assert self._process.stdin is not None
        self._asked = True
        with suppress(OSError):  # it has ended, of which is told
            send(self._process.stdin, Look())

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        """In a thread: pass on what the process tells, until it has ended."""
        assert process.stdout is not None
        with process.stdout as pipe, suppress(RuntimeError):  # the loop was closed meanwhile
            while (message := receive(pipe)) is not None:
                if isinstance(message, Tied):
                    public = frozenset(map(hash, message.public))
                    sessions = Sessions(array("I", message.leaders), public)
                    jobs = array("I", message.jobs)
                    self._loop.call_soon_threadsafe(self._tie, process, sessions, jobs)
                else:
                    self._loop.call_soon_threadsafe(self._hear, process, message)

    def _hear(self, process: subprocess.Popen[bytes], message: AnyMessage) -> None:
        if process is not self._process:  # of the file as it was before
            return
        match message:
            case Found():
                for number, facts in message.rows:
                    self.table.put(number, facts)
                self._changed(self, [number for number, _ in message.rows])
            case Done():
                self._done, self._asked = message, False
                self._changed(self, ())
            case Failed():
                self._fail(message.line)
            case _:
                pass

    def _tie(self, process: subprocess.Popen[bytes], sessions: Sessions, jobs: array[int]) -> None:
        if process is self._process:
            self.sessions, self.jobs = sessions, jobs
            self._changed(self, None)


class State(NamedTuple):
    """What tells whether a file is the one that it was."""

    inode: tuple[int, int]
    size: int
    modified: int


def state_of(path: Path) -> State | None:
    """The state of a file; None when it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return State((found.st_dev, found.st_ino), found.st_size, found.st_mtime_ns)
