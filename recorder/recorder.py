"""Records live traffic into a cassette without ever making it wait."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cassettes import model
from cassettes.file.writer import CassetteWriter
from cassettes.views.summary import Summary
from recorder.assembly import AnyEvent
from recorder.process import writer_process
from recorder.process.event_queue import EventQueue
from recorder.process.record_pipeline import LossCount
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

QUEUE = 64 << 20
"""Bytes of traffic that may wait for the disk."""

GATHER = 0.05
"""Seconds for which events gather before they are sent together; a killed process loses no more."""

PATIENCE = 10.0
"""Seconds that closing waits for a disk that hangs."""


@dataclass(frozen=True)
class Limits:
    """Where a recording ends by itself; the traffic goes on. Bytes on disk, and microseconds."""

    size: int | None = None
    duration: int | None = None


UNLIMITED = Limits()


class Recorder:
    """One recording under way. `see` is for one thread and never blocks; a process of its own writes.

    `now` gives monotonic microseconds; `report` gets lines for a person, and `watch`, if it is given, the
    exchanges that went on, redacted. Both are called on a second thread. Raises OSError when not even the
    header can be written.
    """

    def __init__(
        self,
        file: CassetteWriter,
        header: model.Header,
        *,
        rules: Sequence[str] | None,
        secrets: Sequence[str] = (),
        now: Callable[[], int],
        report: Callable[[str], None],
        watch: Callable[[Sequence[Summary]], None] | None = None,
        limits: Limits = UNLIMITED,
    ) -> None:
        file.write([header])
        self._path = file.path
        self._now = now
        self._began = now()
        self._tell = report
        self._watch = watch
        self._limits = limits
        self._begun = 0
        self._intake = EventQueue(QUEUE)
        self._written = WriterStatus(file.size, 0, 0, 0)
        self._ended = ""  # why the recording has ended before the traffic
        self._closing = threading.Event()
        listed = None if rules is None else list(rules)
        setup = Setup(str(file.path), file.fileno(), listed, shows=watch is not None, secrets=list(secrets))
        self._writer = writer_process.start(setup)
        file.close()  # the writer has its own
        self._threads = [
            threading.Thread(target=target, name=f"chatreel-{name}", daemon=True)
            for name, target in (("feed", self._feed), ("listen", self._listen))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def writer(self) -> int:
        """The id of the process that writes."""
        return self._writer.pid

    @property
    def exchanges(self) -> int:
        """How many exchanges are in the file so far."""
        return self._written.exchanges

    @property
    def lost(self) -> LossCount:
        """What is missing from the recording so far."""
        return LossCount(self._written.lost_records, self._written.lost_bytes)

    @property
    def behind(self) -> int:
        """How many exchanges have begun that are not in the file yet."""
        return self._begun - self._written.exchanges

    @property
    def whole(self) -> bool:
        """Whether a recording that is closed has all that was seen."""
        return self._written.last and not self._ended and not self.lost.records

    def at(self) -> int:
        """Microseconds since the recording began."""
        return self._now() - self._began

    def begin(self) -> model.RecordingExchange:
        """The number of a new exchange."""
        self._begun += 1
        return model.RecordingExchange(self._begun - 1)

    def see(self, exchange: model.RecordingExchange, event: AnyEvent) -> None:
        """Take an event of an exchange; never blocks, and counts what it cannot keep."""
        if not self._ended:
            self._intake.put(exchange, event)

    def close(self) -> None:
        """Write what is left and close the file. For the thread that `see` is for, or when that has ended."""
        self._intake.settle(self.at())
        self._closing.set()
        self._intake.arrived.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        if any(thread.is_alive() for thread in self._threads):
            self._report(f"{self._path}: the disk does not answer; the end of the recording may be lost")

    def _feed(self) -> None:
        """Send what was seen to the writer, until the recording ends."""
        pipe = self._writer.stdin
        assert pipe is not None
        # Sending and closing raise when the writer is gone: the listening thread says so.
        with contextlib.suppress(OSError), pipe:
            while not self._closing.is_set() and not self._ended:
                if self._intake.arrived.wait(self._time_left()):
                    self._closing.wait(GATHER)
                if events := self._intake.take():
                    send(pipe, Batch(self.at(), events))
                self._check_limits()
            send(pipe, Batch(self.at(), self._intake.take()))
            send(pipe, FinishWriting(self.at(), self._ended))

    def _listen(self) -> None:
        """Pass on what the writer says, until it has ended."""
        pipe = self._writer.stdout
        assert pipe is not None
        with pipe:
            while (message := receive(pipe)) is not None:
                self._hear(message)
        self._writer.wait()
        if not self._written.last:
            self._end("the process that writes has ended")
            self._intake.arrived.set()

    def _report(self, line: str) -> None:
        with contextlib.suppress(OSError):  # nobody listens any more, and the recording goes on
            self._tell(line)

    def _hear(self, message: AnyMessage) -> None:
        match message:
            case ReportLine():
                self._report(message.line)
            case UpdatedSummaries():
                self._show(message.summaries)
            case WriterStatus():
                self._written = message
                self._intake.arrived.set()  # to look at the limits
            case _:
                pass

    def _show(self, summaries: Sequence[Summary]) -> None:
        if self._watch is None:
            return
        try:
            self._watch(summaries)
        except Exception as error:  # noqa: BLE001 - whatever becomes of the picture, the recording goes on
            self._watch = None
            self._report(f"the recording goes on, but is no longer shown ({error!r})")

    def _time_left(self) -> float | None:
        """Seconds until the recording ends by itself."""
        duration = self._limits.duration
        if duration is None:
            return None
        return min(max(0, duration - self.at()) / 1_000_000, threading.TIMEOUT_MAX)

    def _check_limits(self) -> None:
        size, duration = self._limits.size, self._limits.duration
        if size is not None and self._written.size >= size:
            self._end("the recording reached its largest size and is complete")
        elif duration is not None and self.at() >= duration:
            self._end("the recording reached its longest duration and is complete")

    def _end(self, why: str) -> None:
        """End the recording before the traffic ends."""
        if not self._ended:
            self._ended = why
            self._report(f"{self._path}: {why}; the traffic goes on, unrecorded")
