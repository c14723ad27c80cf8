"""The process that compares live traffic, so that the proxy's own process is not slowed down."""

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
from cassettes.redaction.redactor import Redactor
from cassettes.redaction.rules import parse_rules
from comparison.conversation.recorded_sessions import RecordedSessions
from comparison.monitor.exchange_assembler import ExchangeAssembler
from comparison.monitor.session_comparer import SessionComparer
from comparison.report.text import difference_lines
from comparison.report.wording import plural, where
from comparison.result import Difference
from comparison.rules.comparison_rules import ComparisonRules
from comparison.rules.noise import Noise
from foundation.printable import one_line
from foundation.processes import prepare_worker, start_worker
from recorder.process.writer_messages import Batch, ReportLine, receive, send

NICENESS = 10
"""The niceness of the process, by which proxy and recording come first."""

MOST_REPORTED = 1000
"""Differences that are reported, each on a line; all are counted."""


class MonitorTask(msgspec.Struct):
    """The cassette to compare with, the noise, and the redaction's further rules for what is reported."""

    path: str
    noise: Noise
    redaction: list[str]


def start(task: MonitorTask) -> subprocess.Popen[bytes]:
    """Starts a process that compares, with pipes for messages to and from it."""
    return start_worker(__name__, msgspec.json.encode(task).decode())


def main() -> None:
    """Compare the traffic that arrives on stdin until it ends; report on stdout."""
    # Whoever stops the proxy, even with Ctrl-C, still wants the summary.
    prepare_worker(NICENESS)
    task = msgspec.json.decode(sys.argv[1], type=MonitorTask)
    sys.exit(MonitorWorker(sys.stdin.buffer, sys.stdout.buffer).run(task))


class MonitorWorker:
    """Reads batches of events, compares the exchanges in them, and writes lines for a person."""

    def __init__(self, inward: IO[bytes], outward: IO[bytes]) -> None:
        self._inward = inward
        self._outward = outward
        self._reported = 0

    def run(self, task: MonitorTask) -> int:
        """Compares until the proxy asks for the end, or is gone itself; returns the exit code."""
        try:
            with Cassette.open(Path(task.path)) as cassette:
                comparer = SessionComparer(RecordedSessions.of(cassette), ComparisonRules(noise=task.noise))
                # The recorded secrets are stand-ins, and no live one may be shown.
                redactor = Redactor(parse_rules(task.redaction), key=secrets.token_bytes(32))
                assembler = ExchangeAssembler(redactor)
                for batch in self._batches():
                    for exchange in assembler.feed(batch.events):
                        self._report_differences(comparer.take(exchange))
            self._report_line(summary(comparer, assembler))
        except Exception as error:  # noqa: BLE001 - a defect, or a broken cassette: reported on one line
            self._report_line(f"nothing is compared any more: {error}")
            return 1
        return 0

    def _batches(self) -> Iterator[Batch]:
        while isinstance(message := receive(self._inward), Batch):
            yield message

    def _report_differences(self, differences: Iterable[Difference]) -> None:
        for one in differences:
            self._reported += 1
            if self._reported <= MOST_REPORTED:
                head, *sides = difference_lines(one)
                self._report_line(
                    f"different: {where(one)}: {'; '.join(part.strip() for part in (head, *sides))}"
                )
            elif self._reported == MOST_REPORTED + 1:
                self._report_line(f"more than {MOST_REPORTED} differences: the others are only counted")

    def _report_line(self, line: str) -> None:
        with contextlib.suppress(OSError):  # the proxy is gone
            send(self._outward, ReportLine(one_line(line)))


def summary(comparer: SessionComparer, assembler: ExchangeAssembler) -> str:
    """Returns what became of all traffic, on one line."""
    counts = (
        (comparer.unknown, "not recorded"),
        (comparer.gaps, "could not be compared"),
        (assembler.open + assembler.given_up + comparer.unfinished, "did not end"),
        (assembler.refused, "left out because there was too much to compare"),
    )
    compared = plural(comparer.same + comparer.different, "question")
    parts = [f"{compared} compared", f"{comparer.different} different"]
    return ", ".join([*parts, *(f"{count} {what}" for count, what in counts if count)])
