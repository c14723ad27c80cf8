"""The proxy's side of a watch: takes what is seen, never blocks, and passes on what is found."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from cassettes.model import RecordingExchange
from comparison.monitor.monitor_process import Task, start
from comparison.rules.noise import SILENCE, Noise
from recorder.assembly import AnyEvent
from recorder.process.event_queue import EventQueue
from recorder.process.writer_messages import Batch, FinishWriting, ReportLine, receive, send

QUEUE = 16 << 20
"""Bytes of traffic that may wait to be compared; what is beyond is not, and is counted."""

GATHER = 0.1
"""Seconds for which events gather before they are sent together."""

PATIENCE = 10.0
"""Seconds that closing waits for what is still to be compared."""


class Monitor:
    """Compares live traffic with a cassette while it passes, in a process of its own.

    `see` is for one thread and never blocks. `now` gives monotonic microseconds; `report` gets lines for a person, on a
    second thread. `redaction` are the further rules for what is shown of the traffic.
    """

    def __init__(
        self,
        path: str,
        *,
        noise: Noise = SILENCE,
        redaction: list[str],
        now: Callable[[], int],
        report: Callable[[str], None],
    ) -> None:
        self._now = now
        self._began = now()
        self._begun = 0
        self._report = report
        self._path = path
        self._intake = EventQueue(QUEUE, "there was too much to compare")
        self._closing = threading.Event()
        self._killed = False
        self._process = start(Task(path, noise, redaction))
        self._threads = [
            threading.Thread(target=target, name=f"chatreel-watch-{name}", daemon=True)
            for name, target in (("feed", self._feed), ("listen", self._listen))
        ]
        for thread in self._threads:
            thread.start()

    def at(self) -> int:
        """Microseconds since the watch began."""
        return self._now() - self._began

    def begin(self) -> RecordingExchange:
        """The number of a new exchange."""
        self._begun += 1
        return RecordingExchange(self._begun - 1)

    def see(self, exchange: RecordingExchange, event: AnyEvent) -> None:
        """Take an event of an exchange; never blocks, and counts what it cannot keep."""
        self._intake.put(exchange, event)

    def close(self) -> None:
        """Compare what is left, and tell the summary. For the thread that `see` is for, or when that has ended."""
        self._intake.append_losses(self.at())
        self._closing.set()
        self._intake.arrived.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        if any(thread.is_alive() for thread in self._threads):
            self._say("the end of the traffic was not compared: it took too long")
            self._killed = True
            self._process.kill()
            for thread in self._threads:
                thread.join(PATIENCE)

    def _feed(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        with contextlib.suppress(OSError), pipe:  # the process is gone, and has said why
            while not self._closing.is_set():
                self._intake.arrived.wait()
                self._closing.wait(GATHER)
                send(pipe, Batch(self.at(), self._intake.take()))
            send(pipe, Batch(self.at(), self._intake.take()))
            send(pipe, FinishWriting(self.at()))
        while not self._closing.is_set():  # nobody compares any more, and nothing may pile up
            self._intake.arrived.wait()
            self._intake.take()

    def _listen(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        with pipe:
            while isinstance(message := receive(pipe), ReportLine):
                self._say(message.line)
        if self._process.wait() < 0 and not self._killed:
            self._say("nothing is compared any more: the process that compares has ended")

    def _say(self, line: str) -> None:
        with contextlib.suppress(OSError):  # nobody listens any more
            self._report(f"{self._path}: {line}")
