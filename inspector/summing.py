"""The process that reads a whole cassette for the inspector: the facts of every exchange, and what belongs together.

In the inspector's own process it would hold the page up, and on a replay's admin listener the replay.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from array import array
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

from cassettes import model
from cassettes.errors import CassetteError
from cassettes.jobs import find_jobs
from cassettes.places import sent_in
from cassettes.reader import Cassette
from cassettes.sessions import Carriers, Sessions, find_sessions
from inspector.facts import Facts, Tally
from inspector.messages import Done, Failed, Found, Look, Open, Tied, receive, send
from replayer.clock import SYSTEM

NICENESS = 10
"""How far the process stands back behind the traffic and the page."""

BATCH = 500
"""Exchanges whose facts are sent at once, at most."""

PATIENCE = 200_000
"""Microseconds after which they are sent in any case."""

REST = 4
"""How many times as long as it took to find what belongs together it waits before it does so again."""

MOST_PUBLIC = 10_000
"""Values that are no session's own, of which is told."""


def start(path: Path) -> subprocess.Popen[bytes]:
    """Start the process for a cassette."""
    # The same modules as here, whatever the working directory holds.
    program = f"import sys; sys.path = {sys.path!r}; from inspector.summing import main; main()"
    process = subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-P", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    with suppress(OSError):  # it ended at once: whoever listens to it is told so
        send(process.stdin, Open(str(path)))
    return process


def main() -> None:
    """Sum up the cassette that is named on stdin whenever asked to, until stdin ends; tell of it on stdout."""
    for name in (signal.SIGINT, signal.SIGTERM):  # the end comes on stdin, with Ctrl-C too
        signal.signal(name, signal.SIG_IGN)
    with suppress(OSError):
        os.nice(NICENESS)
    inward, outward = sys.stdin.buffer, sys.stdout.buffer
    first = receive(inward)
    with suppress(BrokenPipeError):
        if isinstance(first, Open):
            try:
                run(Path(first.path), inward, outward)
            except CassetteError as error:
                send(outward, Failed(str(error)))


def run(path: Path, inward: IO[bytes], outward: IO[bytes]) -> None:
    """Tell of a cassette while it is asked for; raises CassetteError when that cannot be read."""
    carriers = Carriers()
    with Cassette.open(
        path, lambda _method, url, headers, body: carriers.see(url, headers, body)
    ) as cassette:
        summer = Summer(cassette, carriers, outward)
        summer.look(first=True)
        while isinstance(receive(inward), Look):
            summer.look(first=False)


class Summer:
    """Sums up one cassette as it grows."""

    def __init__(self, cassette: Cassette, carriers: Carriers, outward: IO[bytes]) -> None:
        self._cassette = cassette
        self._carriers = carriers
        self._outward = outward
        self._going_on: dict[int, Tally] = {}
        self._found: list[tuple[int, Facts]] = []
        self._told_at = SYSTEM.now()
        self._tied = -1  # up to which byte
        self._tied_at = self._tying = 0  # when, and how long it took

    def look(self, *, first: bool) -> None:
        """Tell what is new; at first that is all."""
        cassette = self._cassette
        if first:
            for number in range(len(cassette)):
                self._see(number, cassette.marks(number))
        else:
            for number, marks in cassette.refresh().items():
                self._see(number, marks)
        self._flush()
        if self._tied < cassette.size and SYSTEM.now() - self._tied_at >= REST * self._tying:
            self._tie()
        send(self._outward, Done(cassette.size, self._tied))

    def _see(self, number: int, marks: Iterable[int]) -> None:
        """Take note of records of an exchange."""
        tally = self._going_on.get(number)
        ended = False
        for mark in marks:
            record = self._cassette.record(mark)
            if tally is None:
                assert isinstance(record, model.Request)
                tally = self._going_on[number] = Tally(record)
            tally.add(record)
            ended = isinstance(record, model.End) or ended
        if tally is not None:
            self._found.append((number, tally.facts()))
        if ended:
            del self._going_on[number]
        if len(self._found) >= BATCH or SYSTEM.now() - self._told_at > PATIENCE:
            self._flush()

    def _flush(self) -> None:
        if self._found:
            send(self._outward, Found(self._found))
            self._found = []
        self._told_at = SYSTEM.now()

    def _tie(self) -> None:
        began = SYSTEM.now()
        sessions = find_sessions(self._cassette, self._carriers)
        leaders = array("I", (sessions.exchanges(session)[0] for session in sessions.of))
        jobs = self._jobs(sessions)
        send(self._outward, Tied(leaders.tobytes(), jobs.tobytes(), self._public(sessions)))
        self._tied, self._tied_at = self._cassette.size, SYSTEM.now()
        self._tying = self._tied_at - began

    def _jobs(self, sessions: Sessions) -> array[int]:
        """The first exchange of each exchange's job, plus one."""
        found = array("I", bytes(4 * len(self._cassette)))
        for session in range(len(sessions)):
            for job in find_jobs(map(self._cassette.exchange, sessions.exchanges(session))):
                members = [*([] if job.issued is None else [job.issued]), *job.polls]
                for number in members:
                    found[number] = members[0] + 1
        return found

    def _public(self, sessions: Sessions) -> list[str]:
        """The values behind the hashes, which say nothing in another process."""
        if not sessions.public:
            return []
        values: set[str] = set()
        for _, url, headers, body in self._cassette.requests():
            values.update(
                place.value for place in sent_in(url, headers, body) if hash(place.value) in sessions.public
            )
            if len(values) >= MOST_PUBLIC:
                break
        return sorted(values)
