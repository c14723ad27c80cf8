"""The process that sums up cassettes, seen from the inspector: one for all of them, started for the first."""

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
    Asked,
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


class Ties:
    """What belongs together: sessions, and the first exchange of each one's job, plus one, 0 where it has none."""

    def __init__(self, told: Tied | None = None) -> None:
        if told is None:
            self.sessions, self.jobs = Sessions([]), array("I")
        else:
            public = frozenset(told.public)
            self.sessions, self.jobs = Sessions(array("I", told.leaders), public), array("I", told.jobs)


type News = FactsFound | Ties | Done | Failed
type Hear = Callable[[News], None]
"""Is told on the event loop what was found out about a cassette."""

GONE = "the process that sums up the cassettes has ended: restart the inspector"


class Background:
    """Sums up cassettes while it is open; each is known by a key."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._keys = itertools.count()
        self._hearers: dict[int, Hear] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    def open(self, path: Path, hear: Hear) -> int:
        """Sum up a cassette; its key."""
        key = next(self._keys)
        self._hearers[key] = hear
        if self._process is None:
            self._process = indexing_process.start()
            self._thread = threading.Thread(
                target=self._listen, args=(self._process,), name="chatreel-summing"
            )
            self._thread.start()
        self._send(Open(key, str(path)))
        return key

    def look(self, key: int) -> None:
        """See whether a cassette has grown."""
        self._send(Look(key))

    def forget(self, key: int) -> None:
        """Hear no more of a cassette."""
        del self._hearers[key]
        self._send(Close(key))

    def close(self) -> None:
        """End the process."""
        if self._process is None or self._thread is None:
            return
        self._process.kill()  # it only reads
        self._thread.join()
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # what it was to be told last
            self._process.stdin.close()
        self._process.wait()

    def _send(self, message: Asked) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended, of which is told
            send(self._process.stdin, message)

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        """In a thread: pass on what the process tells, until it has ended."""
        assert process.stdout is not None
        with process.stdout as pipe, suppress(RuntimeError):  # the loop was closed meanwhile
            while (message := receive(pipe)) is not None:
                assert isinstance(message, FactsFound | Tied | Done | Failed)
                news = Ties(message) if isinstance(message, Tied) else message
                self._loop.call_soon_threadsafe(self._tell, message.key, news)
            self._loop.call_soon_threadsafe(self._tell_all_of_its_end)

    def _tell(self, key: int, news: News) -> None:
        if key in self._hearers:
            self._hearers[key](news)

    def _tell_all_of_its_end(self) -> None:
        for key, hear in self._hearers.items():
            hear(Failed(key, GONE))
