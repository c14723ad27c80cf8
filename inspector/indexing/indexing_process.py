"""The process that reads whole cassettes for the inspector: the facts of every exchange, its session and its job.

In the inspector's own process this work would delay the page, and on a replay's admin listener the replay.
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
    AnyIndexingMessage,
    CaughtUp,
    CloseCassette,
    FactsFound,
    ForgetText,
    GroupsFound,
    IndexingFailed,
    OpenCassette,
    ReadGrowth,
    SearchText,
    TextFound,
    receive,
    send,
)
from inspector.indexing.text_search import TextSearch, TextTerm

NICENESS = 5
"""How much lower the priority of the process is than that of the page and of the traffic."""

BATCH = 500
"""Exchanges in one message of facts, at most."""

BATCH_TIME = 200_000
"""Microseconds after which a message of facts is sent though it is not full."""

GROUPING_PAUSE = 4
"""Sessions and jobs are found again only after this many times the time that finding them took."""

MOST_PUBLIC = 10_000
"""Digests of values that belong to no session, in one message."""


def start() -> subprocess.Popen[bytes]:
    """Start the process."""
    return start_worker(__name__)


def main() -> None:
    """Index the cassettes that messages on stdin name, write the results to stdout, and end when stdin ends."""
    prepare_worker(NICENESS)
    received: Queue[AnyIndexingMessage | None] = Queue()
    threading.Thread(target=queue_messages, args=(sys.stdin.buffer, received), daemon=True).start()
    with suppress(BrokenPipeError):
        IndexingTasks(sys.stdout.buffer).run(received)


def queue_messages(pipe: IO[bytes], received: Queue[AnyIndexingMessage | None]) -> None:
    """Put the messages from a pipe into a queue, and None at their end."""
    while (message := receive(pipe)) is not None:
        received.put(message)
    received.put(None)


class IndexingTasks:
    """Works on all cassettes in turn, a step of each, so that a small one does not wait for a large one."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._indexers: dict[int, CassetteIndexer] = {}
        self._tasks: deque[tuple[int, Iterator[None]]] = deque()

    def run(self, received: Queue[AnyIndexingMessage | None]) -> None:
        """Do what the messages ask for, until None comes."""
        while True:
            if not self._tasks or not received.empty():
                message = received.get()
                if message is None:
                    return
                self._take(message)
            else:
                self._step(*self._tasks.popleft())

    def _take(self, message: AnyIndexingMessage) -> None:
        match message:
            case OpenCassette():
                self._tasks.append((message.key, self._index(message)))
            case ReadGrowth() if message.key in self._indexers:
                self._tasks.append((message.key, self._indexers[message.key].index_growth()))
            case SearchText():
                self._tasks.append((message.key, self._search(message)))
            case ForgetText() if message.key in self._indexers:
                self._indexers[message.key].forget_text(message.term)
            case CloseCassette():
                self._forget(message.key)
            case _:
                pass

    def _index(self, message: OpenCassette) -> Iterator[None]:
        indexer = CassetteIndexer(message.key, Path(message.path), self._output)
        self._indexers[message.key] = indexer
        yield from indexer.index_all()

    def _search(self, message: SearchText) -> Iterator[None]:
        indexer = self._indexers.get(message.key)  # the task that opens the cassette stood before this one
        if indexer is not None:
            yield from indexer.search(message.term)

    def _step(self, key: int, task: Iterator[None]) -> None:
        try:
            next(task)
        except StopIteration:
            return
        except CassetteError as error:
            self._forget(key)
            send(self._output, IndexingFailed(key, str(error)))
            return
        self._tasks.append((key, task))

    def _forget(self, key: int) -> None:
        self._tasks = deque(entry for entry in self._tasks if entry[0] != key)
        indexer = self._indexers.pop(key, None)
        if indexer is not None:
            indexer.close()


class CassetteIndexer:
    """Indexes one cassette as it grows. Its methods work in short steps, with a `yield` behind each."""

    def __init__(self, key: int, path: Path, output: IO[bytes]) -> None:
        self._key = key
        self._request_tokens = RequestTokens()
        self._cassette = Cassette.open(path, self._see_request)
        self._output = output
        self._unfinished: dict[int, FactsGatherer] = {}
        self._batch: list[tuple[int, Facts]] = []
        self._batch_sent_at = SYSTEM.now()
        self._streams = set[int]()
        self._grouped_bytes = -1
        self._grouped_at = self._grouping_took = 0
        self._searches: dict[TextTerm, TextSearch] = {}

    def _see_request(self, _method: str, url: str, headers: Headers, body: bytes) -> None:
        self._request_tokens.add(url, headers, body)

    def close(self) -> None:
        """Close the cassette."""
        self._cassette.close()

    def index_all(self) -> Iterator[None]:
        """Send the facts and the groups of all exchanges."""
        for number in range(len(self._cassette)):
            self._add_records(number, self._cassette.marks(number))
            if not self._batch:
                yield
        yield from self._finish()

    def index_growth(self) -> Iterator[None]:
        """Send the facts and the groups of exchanges that have records appended since the last time."""
        grown = self._cassette.refresh()
        for number, marks in grown.items():
            self._add_records(number, marks)
        yield from self._finish()
        for search in [*self._searches.values()]:
            for number in grown:
                if number < search.searched:
                    search.look(self._cassette, number)
            yield from self._search_on(search)

    def search(self, term: TextTerm) -> Iterator[None]:
        """Send the exchanges that have a text."""
        search = self._searches[term] = TextSearch(term)
        yield from self._search_on(search)

    def forget_text(self, term: TextTerm) -> None:
        """Search for a text no longer."""
        self._searches.pop(term, None)

    def _search_on(self, search: TextSearch) -> Iterator[None]:
        sent_at = SYSTEM.now()
        while search.term in self._searches and search.step(self._cassette):
            if SYSTEM.now() - sent_at > BATCH_TIME:
                self._send_found(search)
                sent_at = SYSTEM.now()
            yield
        self._send_found(search)

    def _send_found(self, search: TextSearch) -> None:
        send(self._output, TextFound(self._key, search.term, search.take(), search.searched))

    def _finish(self) -> Iterator[None]:
        self._send_batch()
        yield
        rested = SYSTEM.now() - self._grouped_at >= GROUPING_PAUSE * self._grouping_took
        if self._grouped_bytes < self._cassette.size and rested:
            self._send_groups()
        send(self._output, CaughtUp(self._key, self._cassette.size, self._grouped_bytes))

    def _add_records(self, number: int, marks: Iterable[int]) -> None:
        """Add records to the facts of an exchange."""
        gatherer = self._unfinished.get(number)
        ended = False
        for mark in marks:
            record = self._cassette.record(mark)
            if gatherer is None:
                assert isinstance(record, model.Request)
                gatherer = self._unfinished[number] = FactsGatherer(record)
            gatherer.add(record)
            ended = isinstance(record, model.End) or ended
        if gatherer is not None:
            facts = gatherer.facts()
            self._batch.append((number, facts))
            if facts.stream:
                self._streams.add(number)
        if ended:
            del self._unfinished[number]
        if len(self._batch) >= BATCH or SYSTEM.now() - self._batch_sent_at > BATCH_TIME:
            self._send_batch()

    def _send_batch(self) -> None:
        if self._batch:
            send(self._output, FactsFound(self._key, self._batch))
            self._batch = []
        self._batch_sent_at = SYSTEM.now()

    def _send_groups(self) -> None:
        began = SYSTEM.now()
        sessions = find_sessions(self._cassette, self._request_tokens)
        firsts = array("I", (sessions.exchanges(session)[0] for session in sessions.of))
        jobs = self._jobs(sessions)
        public = sorted(sessions.public)[:MOST_PUBLIC]
        send(self._output, GroupsFound(self._key, firsts.tobytes(), jobs.tobytes(), public))
        self._grouped_bytes, self._grouped_at = self._cassette.size, SYSTEM.now()
        self._grouping_took = self._grouped_at - began

    def _jobs(self, sessions: Sessions) -> array[int]:
        """The first exchange of each exchange's job plus one, 0 for none; an event stream belongs to no job."""
        found = array("I", bytes(4 * len(self._cassette)))
        for session in range(len(sessions)):
            members = (number for number in sessions.exchanges(session) if number not in self._streams)
            for job in find_jobs(map(self._cassette.exchange, members)):
                own = [*([] if job.issued is None else [job.issued]), *job.polls]
                for number in own:
                    found[number] = own[0] + 1
        return found
