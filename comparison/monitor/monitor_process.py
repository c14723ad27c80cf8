"""The process that compares, apart from the proxy's, which it must not hold up."""

from __future__ import annotations

import contextlib
import secrets
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from cassettes.file.reader import Cassette
from cassettes.redaction import Redactor, parse_rules
from comparison.conversation.recorded_sessions import RecordedSessions
from comparison.monitor.gathering import Gathering
from comparison.monitor.session_comparer import SessionComparer
from comparison.report.text import difference_lines
from comparison.report.wording import plural, where
from comparison.result import Difference
from comparison.rules.comparison_rules import ComparisonRules
from comparison.rules.noise import Noise
from foundation.printable import one_line
from foundation.processes import prepare_worker, start_worker
from recorder.process.writer_messages import AnyMessage, Batch, ReportLine, receive, send

NICENESS = 10
"""How far it stands back behind the traffic, and behind the process that records."""

MOST_TOLD = 1000
"""Differences that are told of; all are counted."""


class Task(msgspec.Struct):
    """The cassette to compare with, what is noise, and the redaction's further rules for what is shown."""

    path: str
    noise: Noise
    redaction: list[str]


def start(task: Task) -> subprocess.Popen[bytes]:
    """Start a process that compares."""
    return start_worker(__name__, msgspec.json.encode(task).decode())


def main() -> None:
    """Compare what arrives on stdin until it ends; tell of it on stdout."""
    # Whoever stops the proxy, with Ctrl-C too, still wants the summary.
    prepare_worker(NICENESS)
    task = msgspec.json.decode(sys.argv[1], type=Task)
    sys.exit(Comparing(sys.stdin.buffer, sys.stdout.buffer).run(task))


class Comparing:
    """One watch, from messages to lines for a person."""

    def __init__(self, inward: IO[bytes], outward: IO[bytes]) -> None:
        self._inward = inward
        self._outward = outward
        self._told = 0

    def run(self, task: Task) -> int:
        """Compare until told to finish, or until the proxy is gone; the exit code."""
        try:
            with Cassette.open(Path(task.path)) as cassette:
                watcher = SessionComparer(RecordedSessions.of(cassette), ComparisonRules(noise=task.noise))
                # The recorded secrets are stand-ins, and no live one may be shown.
                redactor = Redactor(parse_rules(task.redaction), key=secrets.token_bytes(32))
                gathering = Gathering(redactor)
                for batch in self._batches():
                    for exchange in gathering.feed(batch.events):
                        self._tell_of(watcher.take(exchange))
            self._say(summary(watcher, gathering))
        except Exception as error:  # noqa: BLE001 - a defect, or a cassette that broke: said on one line
            self._say(f"nothing is compared any more: {error}")
            return 1
        return 0

    def _batches(self) -> Iterator[Batch]:
        while isinstance(message := receive(self._inward), Batch):
            yield message

    def _tell_of(self, differences: Iterable[Difference]) -> None:
        for one in differences:
            self._told += 1
            if self._told <= MOST_TOLD:
                head, *sides = difference_lines(one)
                self._say(f"different: {where(one)}: {'; '.join(part.strip() for part in (head, *sides))}")
            elif self._told == MOST_TOLD + 1:
                self._say(f"more than {MOST_TOLD} differences: the others are only counted")

    def _say(self, line: str) -> None:
        self._send(ReportLine(one_line(line)))

    def _send(self, message: AnyMessage) -> None:
        with contextlib.suppress(OSError):  # the proxy is gone
            send(self._outward, message)


def summary(watcher: SessionComparer, gathering: Gathering) -> str:
    """What became of everything."""
    counts = (
        (watcher.unknown, "not recorded"),
        (watcher.gaps, "could not be compared"),
        (gathering.open + gathering.given_up + watcher.unfinished, "did not end"),
        (gathering.refused, "left out because there was too much to compare"),
    )
    compared = plural(watcher.same + watcher.different, "question")
    parts = [f"{compared} compared", f"{watcher.different} different"]
    return ", ".join([*parts, *(f"{count} {what}" for count, what in counts if count)])
