"""The inspector's side of the indexing process: one process for all cassettes, started with the first of them."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import threading
from array import array
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cassettes.tokens.sessions import Sessions
from inspector.indexing import indexing_process
from inspector.indexing.messages import (
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
    ToIndexer,
    receive,
    send,
)
from inspector.indexing.text_search import TextTerm


class Grouping:
    """Which exchanges of a cassette form a session, and which form a job; `jobs` is as in GroupsFound."""

    def __init__(self, message: GroupsFound | None = None) -> None:
        if message is None:
            self.sessions, self.jobs = Sessions([]), array("I")
        else:
            self.sessions = Sessions(array("I", message.sessions), frozenset(message.public))
            self.jobs = array("I", message.jobs)


type IndexingResult = FactsFound | Grouping | CaughtUp | IndexingFailed | TextFound
type ResultListener = Callable[[IndexingResult], None]
"""Is called on the event loop with each result about a cassette."""

PROCESS_ENDED = "the process that sums up the cassettes has ended: restart the inspector"


class IndexingClient:
    """Has cassettes indexed by a process of its own, which runs until `close`; each cassette has a key."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._keys = itertools.count()
        self._listeners: dict[int, ResultListener] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None

    def open(self, path: Path, listener: ResultListener) -> int:
        """Have a cassette indexed from its beginning, and return its key."""
        key = next(self._keys)
        self._listeners[key] = listener
        if self._process is None:
            self._process = indexing_process.start()
            self._reader = threading.Thread(
                target=self._read_results, args=(self._process,), name="chatreel-indexing"
            )
            self._reader.start()
        self._send(OpenCassette(key, str(path)))
        return key

    def read_growth(self, key: int) -> None:
        """Have what was appended to a cassette indexed."""
        self._send(ReadGrowth(key))

    def search(self, key: int, term: TextTerm) -> None:
        """Have a cassette searched for a text."""
        self._send(SearchText(key, term))

    def forget_text(self, key: int, term: TextTerm) -> None:
        """Have a cassette searched for a text no longer."""
        self._send(ForgetText(key, term))

    def forget(self, key: int) -> None:
        """Pass on no more results about a cassette."""
        del self._listeners[key]
        self._send(CloseCassette(key))

    def close(self) -> None:
        """End the process and the thread that reads its results."""
        if self._process is None or self._reader is None:
            return
        self._process.kill()  # it only reads
        self._reader.join()
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # a message that it did not take is still buffered
            self._process.stdin.close()
        self._process.wait()

    def _send(self, message: ToIndexer) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # the thread that reads finds out, and informs the listeners
            send(self._process.stdin, message)

    def _read_results(self, process: subprocess.Popen[bytes]) -> None:
        """Pass results to the event loop until the process has ended; runs in a thread."""
        assert process.stdout is not None
        with process.stdout as pipe, suppress(RuntimeError):  # the loop was closed meanwhile
            while (message := receive(pipe)) is not None:
                assert isinstance(message, FactsFound | GroupsFound | CaughtUp | IndexingFailed | TextFound)
                result = Grouping(message) if isinstance(message, GroupsFound) else message
                self._loop.call_soon_threadsafe(self._pass_on, message.key, result)
            self._loop.call_soon_threadsafe(self._fail_all)

    def _pass_on(self, key: int, result: IndexingResult) -> None:
        if key in self._listeners:
            self._listeners[key](result)

    def _fail_all(self) -> None:
        for key, listener in self._listeners.items():
            listener(IndexingFailed(key, PROCESS_ENDED))
