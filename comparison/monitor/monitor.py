"""The proxy's side of a monitor: passes events on to the process that compares, and its reports back."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from cassettes.model import RecordingExchange
from comparison.monitor.monitor_process import MonitorTask, start
from comparison.rules.noise import SILENCE, Noise
from recorder.assembly import AnyEvent
from recorder.process.event_queue import EventQueue
from recorder.process.writer_messages import Batch, FinishWriting, ReportLine, receive, send

QUEUE = 16 << 20
"""Bytes of traffic that may wait to be compared; what is beyond is counted and not compared."""

BATCH_TIME = 0.1
"""Seconds for which events are collected before they are sent together."""

PATIENCE = 10.0
"""Seconds for which closing waits until the remaining traffic is compared."""


class Monitor:
    """Compares live traffic with a cassette while it passes, in a process of its own.

    `see` is for one thread and never blocks. `now` returns monotonic microseconds; `report` gets lines for a person, on
    a second thread. `redaction` are the further rules for what is shown of the traffic. Up to `queue` bytes of traffic
    wait to be compared; `close` waits for `patience` seconds.
    """

    def __init__(
        self,
        path: str,
        *,
        noise: Noise = SILENCE,
        redaction: list[str],
        now: Callable[[], int],
        report: Callable[[str], None],
        queue: int = QUEUE,
        patience: float = PATIENCE,
    ) -> None:
        self._now = now
        self._began = now()
        self._begun = 0
        self._report = report
        self._path = path
        self._patience = patience
        self._intake = EventQueue(queue, "there was too much to compare")
        self._closing = threading.Event()
        self._killed = False
        self._process = start(MonitorTask(path, noise, redaction))
        self._threads = [
            threading.Thread(target=target, name=f"chatreel-monitor-{name}", daemon=True)
            for name, target in (("feed", self._feed), ("listen", self._listen))
        ]
        for thread in self._threads:
            thread.start()

    def at(self) -> int:
        """Returns the microseconds since the monitor began."""
        return self._now() - self._began

    def begin(self) -> RecordingExchange:
        """Returns the number of a new exchange."""
        self._begun += 1
        return RecordingExchange(self._begun - 1)

    def see(self, exchange: RecordingExchange, event: AnyEvent) -> None:
        """Queue an event of an exchange, or count it when the queue is full; never blocks."""
        self._intake.put(exchange, event)

    def close(self) -> None:
        """Compare the remaining traffic, and report the summary. Call it on the thread of `see`, or later."""
        self._intake.append_losses(self.at())
        self._closing.set()
        self._intake.arrived.set()
        for thread in self._threads:
            thread.join(self._patience)
        if any(thread.is_alive() for thread in self._threads):
            self._report_line("the end of the traffic was not compared: it took too long")
            self._killed = True
            self._process.kill()
            for thread in self._threads:
                thread.join(self._patience)

    def _feed(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        with contextlib.suppress(OSError), pipe:  # the process has ended, and has reported why
            while not self._closing.is_set():
                self._intake.arrived.wait()
                self._closing.wait(BATCH_TIME)
                send(pipe, Batch(self.at(), self._intake.take()))
            send(pipe, Batch(self.at(), self._intake.take()))
            send(pipe, FinishWriting(self.at()))
        while not self._closing.is_set():  # nothing is compared any more, so the queue must not fill up
            self._intake.arrived.wait()
            self._intake.take()

    def _listen(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        with pipe:
            while isinstance(message := receive(pipe), ReportLine):
                self._report_line(message.line)
        if self._process.wait() < 0 and not self._killed:
            self._report_line("nothing is compared any more: the process that compares has ended")

    def _report_line(self, line: str) -> None:
        with contextlib.suppress(OSError):  # the terminal is gone
            self._report(f"{self._path}: {line}")
