"""Records live traffic into a cassette without ever making it wait."""

from __future__ import annotations

import contextlib
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
    batches; both are called on the second thread.
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
        self._report = unheard(report)
        self._limits = limits
        self._begun = 0
        self._intake = Intake(QUEUE)
        self._pipeline = Pipeline(file, redactor, report=self._report, watch=unheard(watch))
        self._ended = ""  # why the recording has ended before the traffic
        self._closing = threading.Event()
        self._pipeline.begin(header)
        self._thread = threading.Thread(target=self._run, name="chatreel-writer", daemon=True)
        self._thread.start()

    @property
    def exchanges(self) -> int:
        """How many exchanges are in the file so far."""
        return self._pipeline.exchanges

    @property
    def lost(self) -> Count:
        """What is missing from the recording so far."""
        return self._pipeline.lost

    def at(self) -> int:
        """Microseconds since the recording began."""
        return self._now() - self._began

    def begin(self) -> int:
        """The number of a new exchange."""
        self._begun += 1
        return self._begun - 1

    def see(self, exchange: int, event: Event) -> None:
        """Take an event of an exchange; never blocks, and counts what it cannot keep."""
        if not self._ended:
            self._intake.put(exchange, event)

    def close(self) -> None:
        """Write what is left and close the file. For the thread that `see` is for, or when that has ended."""
        self._intake.settle(self.at())
        self._closing.set()
        self._intake.arrived.set()
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            self._report(f"{self._file.path}: the disk does not answer; the end of the recording is lost")

    def _run(self) -> None:
        try:
            self._record()
            self._file.close()
        except OSError as error:
            self._report(f"{self._file.path}: {error.strerror}; the end of the recording may be lost")
        except BaseException as error:
            self._ended = f"the recording broke off ({error!r})"
            self._report(f"{self._ended}; the traffic goes on, unrecorded")
            raise

    def _record(self) -> None:
        while not self._closing.is_set() and not self._ended:
            if self._intake.arrived.wait(self._time_left()):
                self._closing.wait(GATHER)
            self._pipeline.process(self._intake.take(), self.at())
            self._check_limits()
        self._pipeline.process(self._intake.take(), self.at())
        self._pipeline.finish(self.at(), self._ended)

    def _time_left(self) -> float | None:
        """Seconds until the recording ends by itself."""
        duration = self._limits.duration
        if duration is None:
            return None
        return min(max(0, duration - self.at()) / 1_000_000, threading.TIMEOUT_MAX)

    def _check_limits(self) -> None:
        size, duration = self._limits.size, self._limits.duration
        if size is not None and self._file.size >= size:
            self._ended = "the recording reached its largest size"
        elif duration is not None and self.at() >= duration:
            self._ended = "the recording reached its longest duration"
        if self._ended:
            self._report(f"{self._ended} and is complete; the traffic goes on, unrecorded")


def unheard[**Line](tell: Callable[Line, None]) -> Callable[Line, None]:
    """The same, whether anybody listens or not: a closed pipe or terminal must not end a recording."""

    def quietly(*line: Line.args, **more: Line.kwargs) -> None:
        with contextlib.suppress(OSError):
            tell(*line, **more)

    return quietly
