"""Records live traffic into a cassette without delaying it.

Three parties share the work. The traffic's thread puts events into a bounded queue (`Recorder.see`). A thread sends
what is queued to the process that writes (`_feed`). Another thread receives what that process reports (`_listen`).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cassettes import model
from cassettes.file import format_v1
from cassettes.file.writer import CassetteWriter
from cassettes.views.summary import Summary
from foundation.errors import CassetteError
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
"""Bytes of memory that events waiting for the disk may take; beyond that they are discarded and counted."""

GATHER = 0.05
"""Seconds for which events gather before they are sent together. A proxy that is killed loses no more than these."""

PATIENCE = 10.0
"""Seconds for which closing waits for a disk that hangs."""


@dataclass(frozen=True)
class Limits:
    """When a recording ends by itself, in bytes on disk and in microseconds; the traffic goes on."""

    size: int | None = None
    duration: int | None = None


UNLIMITED = Limits()


class Recorder:
    """One recording under way. `see` never blocks and is to be called from one thread only.

    `file` is the cassette, to which `header` is written here; raises OSError when that fails. `rules`, `keep` and
    `secrets` are those of redaction; None as `rules` turns it off. `now` returns monotonic microseconds. `report` is
    called with lines for a person, `watch` with redacted summaries of the exchanges that changed, both on another
    thread. `queue` is the bound that `QUEUE` describes. `sums_up` says whether the end is to report what was replaced.
    """

    def __init__(
        self,
        file: CassetteWriter,
        header: model.Header,
        *,
        rules: Sequence[str] | None,
        keep: Sequence[str] = (),
        secrets: Sequence[str] = (),
        now: Callable[[], int],
        report: Callable[[str], None],
        watch: Callable[[Sequence[Summary]], None] | None = None,
        limits: Limits = UNLIMITED,
        queue: int = QUEUE,
        sums_up: bool = True,
    ) -> None:
        file.write([header])
        self._path = file.path
        self._header = header
        self._now = now
        self._began = now()
        self._report_line = report
        self._watch = watch
        self._limits = limits
        self._begun = 0
        self._queue = EventQueue(queue)
        self._status = WriterStatus(file.size, 0, 0, 0, str(file.path))
        self._ended = ""  # why the recording has ended before the traffic
        self._broken_off = False  # whether it ended because of the writer
        self._unseen = 0  # events after that
        self._heard = 0  # messages from the writer
        self._closing = threading.Event()
        listed = None if rules is None else list(rules)
        setup = Setup(
            str(file.path),
            file.fileno(),
            format_v1.encode([header]),
            listed,
            shows=watch is not None,
            secrets=list(secrets),
            keep=list(keep),
            sums_up=sums_up,
        )
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
        """The process id of the writer."""
        return self._writer.pid

    @property
    def exchanges(self) -> int:
        """The number of exchanges in the file so far."""
        return self._status.exchanges

    @property
    def lost(self) -> LossCount:
        """How much is missing from the recording so far."""
        return LossCount(self._status.lost_records + self._unseen, self._status.lost_bytes)

    @property
    def path(self) -> Path | None:
        """Where the recording is: not where it began, if its file was renamed; None when its file is gone."""
        return Path(self._status.path) if self._status.path else None

    @property
    def behind(self) -> int:
        """The number of exchanges that have begun and are not in the file yet."""
        return self._begun - self._status.exchanges

    @property
    def whole(self) -> bool:
        """Whether the recording is closed, is where it was to be, and lacks nothing that was seen until its end."""
        return self._status.last and self.path == self._path and not self.lost.records

    def at(self) -> int:
        """Return the microseconds since the recording began."""
        return self._now() - self._began

    def begin(self) -> model.RecordingExchange:
        """Begin an exchange and return its number."""
        self._begun += 1
        return model.RecordingExchange(self._begun - 1)

    def see(self, exchange: model.RecordingExchange, event: AnyEvent) -> None:
        """Queue an event of an exchange, or count it as lost when the queue is full; never blocks."""
        if not self._ended:
            self._queue.put(exchange, event)
        elif self._broken_off:
            self._unseen += 1

    def close(self, patience: float = PATIENCE) -> None:
        """Write what is left and close the file; a disk that hangs or a silent writer has `patience` seconds.

        To be called from the thread that calls `see`, or after it has ended.
        """
        self._queue.append_losses(self.at())
        self._closing.set()
        self._queue.arrived.set()
        for thread in self._threads:
            heard = -1
            while thread.is_alive() and heard != self._heard:  # reading a large file once more takes its time
                heard = self._heard
                thread.join(patience)
        if any(thread.is_alive() for thread in self._threads):
            self._report(f"{self._path}: the disk does not answer; the end of the recording may be lost")
        elif self._broken_off:
            self._note_loss()

    def _note_loss(self) -> None:
        """Note in the file, once, what is missing since the writer ended."""
        self._broken_off = False
        self._unseen = max(1, self._unseen + len(self._queue.take()))
        loss = model.Loss(at=self.at(), reason=self._ended, records=self._unseen)
        try:
            with CassetteWriter.append(self._path) as file:
                file.write([loss] if file.size else [self._header, loss])
        except (OSError, CassetteError) as error:
            self._report(f"{self._path}: what is missing cannot be noted in it ({error})")

    def _feed(self) -> None:
        """Send queued events to the writer until the recording ends."""
        pipe = self._writer.stdin
        assert pipe is not None
        # Sending and closing raise when the writer has ended, which the listening thread reports.
        with contextlib.suppress(OSError), pipe:
            while not self._closing.is_set() and not self._ended:
                if self._queue.arrived.wait(self._time_left()):
                    self._closing.wait(GATHER)
                if events := self._queue.take():
                    send(pipe, Batch(self.at(), events))
                self._check_limits()
            send(pipe, Batch(self.at(), self._queue.take()))
            send(pipe, FinishWriting(self.at(), self._ended))

    def _listen(self) -> None:
        """Receive the writer's messages until it has ended."""
        pipe = self._writer.stdout
        assert pipe is not None
        with pipe:
            while (message := receive(pipe)) is not None:
                self._receive(message)
        self._writer.wait()
        if not self._status.last:
            self._broken_off = True
            self._end("the process that writes has ended")
            self._queue.arrived.set()

    def _report(self, line: str) -> None:
        with contextlib.suppress(OSError):  # the line cannot be printed, and the recording goes on
            self._report_line(line)

    def _receive(self, message: AnyMessage) -> None:
        self._heard += 1
        match message:
            case ReportLine():
                self._report(message.line)
            case UpdatedSummaries():
                self._show(message.summaries)
            case WriterStatus():
                self._status = message
                self._queue.arrived.set()  # so that the limits are checked
            case _:
                pass

    def _show(self, summaries: Sequence[Summary]) -> None:
        if self._watch is None:
            return
        try:
            self._watch(summaries)
        except Exception as error:  # noqa: BLE001 - whatever fails in showing it, the recording goes on
            self._watch = None
            self._report(f"the recording goes on, but is no longer shown ({error!r})")

    def _time_left(self) -> float | None:
        """Return the seconds until the recording reaches its longest duration; None without one."""
        duration = self._limits.duration
        if duration is None:
            return None
        return min(max(0, duration - self.at()) / 1_000_000, threading.TIMEOUT_MAX)

    def _check_limits(self) -> None:
        size, duration = self._limits.size, self._limits.duration
        if size is not None and self._status.size >= size:
            self._end("the recording reached its largest size and is complete")
        elif duration is not None and self.at() >= duration:
            self._end("the recording reached its longest duration and is complete")

    def _end(self, why: str) -> None:
        """End the recording while the traffic goes on."""
        if not self._ended:
            self._ended = why
            self._report(f"{self._path}: {why}; the traffic goes on, unrecorded")


def recording_result(recorder: Recorder, out: Path) -> str:
    """Return a line on a recording that is closed and was to be in `out`: its exchanges, and what is missing."""
    lost = f"; lost {recorder.lost}" if recorder.lost.records else ""
    if recorder.path is None:
        return f"the recording is lost: its file, {out}, was removed and cannot be put back"
    moved = f", where {out} was moved to" if recorder.path != out else ""
    return f"recorded {recorder.exchanges} exchanges into {recorder.path}{moved}{lost}"
