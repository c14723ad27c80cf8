"""The process that assembles, redacts and writes a recording, apart from the proxy's process.

In a thread of the proxy, this work would compete with the traffic for the interpreter's lock, which took a third of the
throughput. A process of its own uses another core. It also survives when the proxy is killed, and then writes all that
it was sent.
"""

from __future__ import annotations

import contextlib
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from cassettes import model
from cassettes.file import format_v1
from cassettes.file.writer import CassetteWriter
from cassettes.redaction.redactor import Redactor
from cassettes.redaction.rules import parse_rules
from cassettes.views.summary import OngoingExchanges
from foundation.processes import prepare_worker, start_worker
from recorder.process.record_pipeline import RecordPipeline
from recorder.process.writer_messages import (
    AnyMessage,
    Batch,
    FinishWriting,
    ReportLine,
    Setup,
    UpdatedSummaries,
    WriterStatus,
    receive,
    send,
)

NICENESS = 5
"""The writer's niceness: the traffic goes before it."""


def start(setup: Setup) -> subprocess.Popen[bytes]:
    """Start the process that writes a recording whose header is in the file already."""
    process = start_worker(__name__, pass_fds=[setup.descriptor])
    assert process.stdin is not None
    send(process.stdin, setup)
    return process


def main() -> None:
    """Write the recording that arrives on stdin, and report on stdout."""
    # Ctrl-C reaches this process, too, but the end of the recording is still to come on stdin.
    prepare_worker(NICENESS)
    sys.exit(WriterProcess(sys.stdin.buffer, sys.stdout.buffer).run())


class WriterProcess:
    """Writes one recording, which arrives as messages."""

    def __init__(self, inward: IO[bytes], outward: IO[bytes]) -> None:
        self._inward = inward
        self._outward = outward

    def run(self) -> int:
        """Write until the proxy sends its last message or ends; returns the exit code."""
        try:
            setup = receive(self._inward)
            if isinstance(setup, Setup):
                self._write(setup)
        except OSError as error:
            self.report(f"the end of the recording may be lost: {error.strerror}")
        except Exception as error:  # noqa: BLE001 - a defect, which is reported on one line
            self.report(f"the recording broke off ({error!r})")
            return 1
        return 0

    def _write(self, setup: Setup) -> None:
        with CassetteWriter(Path(setup.path), setup.descriptor) as file:
            key = secrets.token_bytes(32)
            redactor = None
            if setup.rules is not None:
                keep = parse_rules(setup.keep, "--keep")
                redactor = Redactor(parse_rules(setup.rules), keep, key=key, secrets=setup.secrets)
            ongoing = OngoingExchanges()

            def watch(records: Sequence[model.AnyRecord]) -> None:
                if setup.shows and (touched := ongoing.touched(records)):
                    self._send(UpdatedSummaries(touched))

            header = format_v1.decode(setup.header)
            assert isinstance(header, model.Header)
            pipeline = RecordPipeline(
                file, header, redactor, report=self.report, watch=watch, sums_up=setup.sums_up
            )
            for message in self._messages():
                if isinstance(message, FinishWriting):
                    pipeline.finish(message.at, message.remark, lambda: self._send(status_of(file, pipeline)))
                else:
                    pipeline.process(message.events, message.at)
                self._send(status_of(file, pipeline))
            last = status_of(file, pipeline, last=True)
        self._send(last)

    def _messages(self) -> Iterator[Batch | FinishWriting]:
        """Yield the batches, then how to finish; a proxy that was killed sends no such message, so one is made."""
        at = 0
        while isinstance(message := receive(self._inward), Batch):
            at = message.at
            yield message
        yield message if isinstance(message, FinishWriting) else FinishWriting(at)

    def report(self, line: str) -> None:
        """Have the proxy's process print a line for a person."""
        self._send(ReportLine(line))

    def _send(self, message: AnyMessage) -> None:
        with contextlib.suppress(OSError):  # the proxy has ended, and the recording is still to be written
            send(self._outward, message)


def status_of(file: CassetteWriter, pipeline: RecordPipeline, *, last: bool = False) -> WriterStatus:
    """Return how much of the recording is in the file; `last` says that the file is closed."""
    lost = pipeline.lost
    path = str(file.place or "")
    return WriterStatus(file.size, pipeline.exchanges, lost.records, lost.bytes, path, last)
