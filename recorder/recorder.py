"""Records live traffic into a cassette without ever making it wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cassettes import model
from cassettes.redaction import Redactor
from cassettes.writer import CassetteWriter
from recorder.assembly import Event
from recorder.intake import Intake
from recorder.pipeline import Count, Pipeline

QUEUE = 64 << 20
"""Bytes of traffic that may wait for the disk."""

GATHER = 0.05
"""Seconds for which events gather before they are written together; a killed process loses no more."""

PATIENCE = 10.0
"""Seconds that closing waits for a disk that hangs."""


@dataclass(frozen=True)
class Limits:
    """Where a recording ends by itself; the traffic goes on. Bytes on disk, and microseconds."""

    size: int | None = None
    duration: int | None = None


UNLIMITED = Limits()


class Recorder:
    """One recording under way. `see` is for one thread and never blocks; a second one writes.

    `now` gives monotonic microseconds, `report` gets lines for a person and `watch` what is on disk, in
    batches; both are called on the second thread. `exchanges` counts those that have begun.
    """

    def __init__(
        self,
        file: CassetteWriter,
        header: model.Header,
        *,
        redactor: Redactor | None,
        now: Callable[[], int],
        report: Callable[[str], None],
        watch: Callable[[Sequence[model.AnyRecord]], None] = lambda _records: None,
        limits: Limits = UNLIMITED,
    ) -> None:
        self._file = file
        self._now = now
        self._began = now()
        self._report = report
        self._limits = limits
        self.exchanges = 0
        self._intake = Intake(QUEUE)
        self._pipeline = Pipeline(file, redactor, report=report, watch=watch)
        self._ended = ""  # why the recording has ended before the traffic
        self._closing = threading.Event()
        self._pipeline.begin(header)
        self._thread = threading.Thread(target=self._run, name="chatreel-writer", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> Count:
        """What is missing from the recording so far."""
        return self._pipeline.lost

    def at(self) -> int:
        """Microseconds since the recording began."""
        return self._now() - self._began

    def begin(self) -> int:
        """The number of a new exchange."""
        self.exchanges += 1
        return self.exchanges - 1

    def see(self, exchange: int, event: Event) -> None:
        """Take an event of an exchange; never blocks, and counts what it cannot keep."""
        if not self._ended:
            self._intake.put(exchange, event)

    def close(self) -> None:
        """Write what is left and close the file."""
        self._closing.set()
        self._intake.arrived.set()
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            self._report(f"{self._file.path}: the disk does not answer; the end of the recording is lost")

    def _run(self) -> None:
        while not self._closing.is_set() and not self._ended:
            if self._intake.arrived.wait(self._time_left()):
                self._closing.wait(GATHER)
            self._pipeline.process(self._intake.take(), self.at())
            self._check_limits()
        self._pipeline.process(self._intake.take(), self.at())
        self._pipeline.finish(self.at(), self._ended)
        self._file.close()

    def _time_left(self) -> float | None:
        """Seconds until the recording ends by itself."""
        duration = self._limits.duration
        return None if duration is None else max(0, duration - self.at()) / 1_000_000

    def _check_limits(self) -> None:
        size, duration = self._limits.size, self._limits.duration
        if size is not None and self._file.size >= size:
            self._ended = "the recording reached its largest size"
        elif duration is not None and self.at() >= duration:
            self._ended = "the recording reached its longest duration"
        if self._ended:
            self._report(f"{self._ended} and is complete; the traffic goes on, unrecorded")
