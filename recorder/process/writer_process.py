"""The process that assembles, redacts and writes, apart from the proxy's.

In a thread of the proxy it would take the interpreter's lock from the traffic: that cost a third of the
throughput. Here it takes what the other core gives, and it goes on when the proxy is killed: what had been sent
is written.
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
from cassettes.file.writer import CassetteWriter
from cassettes.redaction import Redactor, parse_rules
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
"""How far the writer stands back behind the traffic."""


def start(setup: Setup) -> subprocess.Popen[bytes]:
    """Start a writer for a recording whose header is written."""
    process = start_worker(__name__, pass_fds=[setup.descriptor])
    assert process.stdin is not None
    send(process.stdin, setup)
    return process


def main() -> None:
    """Write what arrives on stdin until it ends; tell of it on stdout."""
    # Whoever stops the proxy, with Ctrl-C too, still wants the end of the recording: it comes on stdin.
    prepare_worker(NICENESS)
    sys.exit(WriterProcess(sys.stdin.buffer, sys.stdout.buffer).run())


class WriterProcess:
    """One recording, from messages to the file."""

    def __init__(self, inward: IO[bytes], outward: IO[bytes]) -> None:
        self._inward = inward
        self._outward = outward

    def run(self) -> int:
        """Write until told to finish, or until the proxy is gone; the exit code."""
        try:
            setup = receive(self._inward)
            if isinstance(setup, Setup):
                self._write(setup)
        except OSError as error:
            self.say(f"the end of the recording may be lost: {error.strerror}")
        except Exception as error:  # noqa: BLE001 - a defect, which is said on one line
            self.say(f"the recording broke off ({error!r})")
            return 1
        return 0

    def _write(self, setup: Setup) -> None:
        with CassetteWriter(Path(setup.path), setup.descriptor) as file:
            key = secrets.token_bytes(32)
            redactor = None
            if setup.rules is not None:
                redactor = Redactor(parse_rules(setup.rules), key=key, secrets=setup.secrets)
            ongoing = OngoingExchanges()

            def watch(records: Sequence[model.AnyRecord]) -> None:
                if setup.shows and (touched := ongoing.touched(records)):
                    self._tell(UpdatedSummaries(touched))

            pipeline = RecordPipeline(file, redactor, report=self.say, watch=watch)
            for message in self._messages():
                if isinstance(message, FinishWriting):
                    pipeline.finish(message.at, message.remark)
                else:
                    pipeline.process(message.events, message.at)
                self._tell(written(file, pipeline))
        self._tell(written(file, pipeline, last=True))

    def _messages(self) -> Iterator[Batch | FinishWriting]:
        """What there is to write, up to a finish: a proxy that was killed sends none."""
        at = 0
        while isinstance(message := receive(self._inward), Batch):
            at = message.at
            yield message
        yield message if isinstance(message, FinishWriting) else FinishWriting(at)

    def say(self, line: str) -> None:
        """Tell a person, through the proxy's process."""
        self._tell(ReportLine(line))

    def _tell(self, message: AnyMessage) -> None:
        with contextlib.suppress(OSError):  # the proxy is gone, and the recording is still to be written
            send(self._outward, message)


def written(file: CassetteWriter, pipeline: RecordPipeline, *, last: bool = False) -> WriterStatus:
    """How the recording stands."""
    return WriterStatus(file.size, pipeline.exchanges, pipeline.lost.records, pipeline.lost.bytes, last)
