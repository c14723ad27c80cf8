"""The process that reads whole cassettes for the inspector: the facts of every exchange, and what belongs together.

In the inspector's own process it would hold the page up, and on a replay's admin listener the replay.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Queue
from typing import IO

from cassettes import model
from cassettes.file.reader import Cassette
from cassettes.tokens.sessions import RequestTokens, Sessions, find_sessions
from cassettes.views.jobs import find_jobs
from foundation.clock import SYSTEM
from foundation.errors import CassetteError
from foundation.http.headers import Headers
from foundation.processes import prepare_worker, start_worker
from inspector.indexing.exchange_facts import Facts, FactsGatherer
from inspector.indexing.messages import (
    AnyMessage,
    Close,
    Done,
    FactsFound,
    Failed,
    Look,
    Open,
    Tied,
    receive,
    send,
)

NICENESS = 5
"""How far the process stands back behind the traffic and the page."""

BATCH = 500
"""Exchanges whose facts are sent at once, at most."""

PATIENCE = 200_000
"""Microseconds after which they are sent in any case."""

REST = 4
"""How many times as long as it took to find what belongs together it waits before it does so again."""

MOST_PUBLIC = 10_000
"""Digests of values that are no session's own, which are sent."""


def start() -> subprocess.Popen[bytes]:
    """Start the process."""
    return start_worker(__name__)


def main() -> None:
    """Sum up the cassettes that are named on stdin until it ends; tell of them on stdout."""
    prepare_worker(NICENESS)
    come: Queue[AnyMessage | None] = Queue()
    threading.Thread(target=listen, args=(sys.stdin.buffer, come), daemon=True).start()
    with suppress(BrokenPipeError):
        Work(sys.stdout.buffer).run(come)


def listen(pipe: IO[bytes], come: Queue[AnyMessage | None]) -> None:
    """Pass on what comes, and None at the end."""
    while (message := receive(pipe)) is not None:
        come.put(message)
    come.put(None)


class Work:
    """What there is to do: a step of each cassette in turn, so that a small one does not wait for a large one."""

    def __init__(self, outward: IO[bytes]) -> None:
        self._outward = outward
        self._summers: dict[int, CassetteIndexer] = {}
        self._tasks: deque[tuple[int, Iterator[None]]] = deque()

    def run(self, come: Queue[AnyMessage | None]) -> None:
        """Do what comes until None does."""
        while True:
            if not self._tasks or not come.empty():
                message = come.get()
                if message is None:
                    return
                self._take(message)
            else:
                self._step(*self._tasks.popleft())

    def _take(self, message: AnyMessage) -> None:
        match message:
            case Open():
                self._tasks.append((message.key, self._opened(message)))
            case Look() if message.key in self._summers:
                self._tasks.append((message.key, self._summers[message.key].grown()))
            case Close():
                self._forget(message.key)
            case _:
                pass

    def _opened(self, message: Open) -> Iterator[None]:
        summer = self._summers[message.key] = CassetteIndexer(message.key, Path(message.path), self._outward)
        yield from summer.all()

    def _step(self, key: int, task: Iterator[None]) -> None:
        try:
            next(task)
        except StopIteration:
            return
        except CassetteError as error:
            self._forget(key)
            send(self._outward, Failed(key, str(error)))
            return
        self._tasks.append((key, task))

    def _forget(self, key: int) -> None:
        self._tasks = deque(entry for entry in self._tasks if entry[0] != key)
        summer = self._summers.pop(key, None)
        if summer is not None:
            summer.close()


class CassetteIndexer:
    """Sums up one cassette as it grows."""

    def __init__(self, key: int, path: Path, outward: IO[bytes]) -> None:
        self._key = key
        self._carriers = RequestTokens()
        self._cassette = Cassette.open(path, self._look)
        self._outward = outward
        self._going_on: dict[int, FactsGatherer] = {}
        self._found: list[tuple[int, Facts]] = []
        self._streams = set[int]()
        self._told_at = SYSTEM.now()
        self._tied = -1  # up to which byte
        self._tied_at = self._tying = 0  # when, and how long it took

    def _look(self, _method: str, url: str, headers: Headers, body: bytes) -> None:
        self._carriers.add(url, headers, body)

    def close(self) -> None:
        """Let go of the cassette."""
        self._cassette.close()

    def all(self) -> Iterator[None]:
        """Tell everything, in steps."""
        for number in range(len(self._cassette)):
            self._see(number, self._cassette.marks(number))
            if not self._found:
                yield
        yield from self._finished()

    def grown(self) -> Iterator[None]:
        """Tell what is new."""
        for number, marks in self._cassette.refresh().items():
            self._see(number, marks)
        yield from self._finished()

    def _finished(self) -> Iterator[None]:
        self._flush()
        yield
        if self._tied < self._cassette.size and SYSTEM.now() - self._tied_at >= REST * self._tying:
            self._tie()
        send(self._outward, Done(self._key, self._cassette.size, self._tied))

    def _see(self, number: int, marks: Iterable[int]) -> None:
        """Take note of records of an exchange."""
        tally = self._going_on.get(number)
        ended = False
        for mark in marks:
            record = self._cassette.record(mark)
            if tally is None:
                assert isinstance(record, model.Request)
                tally = self._going_on[number] = FactsGatherer(record)
            tally.add(record)
            ended = isinstance(record, model.End) or ended
        if tally is not None:
            facts = tally.facts()
            self._found.append((number, facts))
            if facts.stream:
                self._streams.add(number)
        if ended:
            del self._going_on[number]
        if len(self._found) >= BATCH or SYSTEM.now() - self._told_at > PATIENCE:
            self._flush()

    def _flush(self) -> None:
        if self._found:
            send(self._outward, FactsFound(self._key, self._found))
            self._found = []
        self._told_at = SYSTEM.now()

    def _tie(self) -> None:
        began = SYSTEM.now()
        sessions = find_sessions(self._cassette, self._carriers)
        leaders = array("I", (sessions.exchanges(session)[0] for session in sessions.of))
        jobs = self._jobs(sessions)
        send(
            self._outward,
            Tied(self._key, leaders.tobytes(), jobs.tobytes(), sorted(sessions.public)[:MOST_PUBLIC]),
        )
        self._tied, self._tied_at = self._cassette.size, SYSTEM.now()
        self._tying = self._tied_at - began

    def _jobs(self, sessions: Sessions) -> array[int]:
        """The first exchange of each exchange's job, plus one; no event stream is an answer about a job."""
        found = array("I", bytes(4 * len(self._cassette)))
        for session in range(len(sessions)):
            members = (number for number in sessions.exchanges(session) if number not in self._streams)
            for job in find_jobs(map(self._cassette.exchange, members)):
                own = [*([] if job.issued is None else [job.issued]), *job.polls]
                for number in own:
                    found[number] = own[0] + 1
        return found
