"""The thread that reads a chatbot's response, and the bounded queue between it and the consumer."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Generator

from foundation.clock import Clock
from platform_client.cancellation import Cancellation
from platform_client.events import ESSENTIAL, HEARTBEAT, ClientEvent

log = logging.getLogger("platform_client")

PARTING = 1.0
"""Seconds that a consumer who stops early waits for the thread, which may still await a response's head."""

type Produce = Callable[[Cancellation], Generator[ClientEvent]]


def read_in_thread(
    produce: Produce, queue_size: int, heartbeat_after: float, clock: Clock
) -> Generator[ClientEvent]:
    """The events that `produce` yields in a thread of its own, which ends when this generator is closed.

    An event that finds `queue_size` others waiting is dropped, unless it is one that the answer cannot do
    without (ESSENTIAL, the first of each). After `heartbeat_after` seconds without an
    event there is a heartbeat.
    """
    reading = Reading(produce, queue_size, clock)
    reading.start()
    try:
        while (event := reading.next(heartbeat_after)) is not None:
            yield event
    finally:
        reading.stop()
    reading.raise_defect()


class Reading:
    """A thread that puts the events of `produce` into a queue of at most `queue_size`."""

    def __init__(self, produce: Produce, queue_size: int, clock: Clock) -> None:
        self._produce = produce
        self._size = queue_size
        self._cancellation = Cancellation(clock)
        # Unbounded, so that the end always gets through; `_offer` keeps the bound.
        self._queue: queue.SimpleQueue[ClientEvent | None] = queue.SimpleQueue()
        self._essential = set(ESSENTIAL)
        self._defect: BaseException | None = None
        # A daemon, because a wait for a response's head cannot be interrupted.
        self._thread = threading.Thread(target=self._run, name="chatbot-reader", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def next(self, heartbeat_after: float) -> ClientEvent | None:
        """The next event; a heartbeat when none comes within `heartbeat_after` seconds; None at the end."""
        try:
            return self._queue.get(timeout=heartbeat_after)
        except queue.Empty:
            return HEARTBEAT

    def stop(self) -> None:
        """End the connection and the thread; waits for that for PARTING seconds at most."""
        self._cancellation.ask()
        self._thread.join(PARTING)

    def raise_defect(self) -> None:
        """Raise in the consumer's thread what ended the reading thread unexpectedly."""
        if self._defect is not None:
            raise self._defect

    def _run(self) -> None:
        try:
            with contextlib.closing(self._produce(self._cancellation)) as events:
                for event in events:
                    if self._cancellation.asked:
                        break
                    self._offer(event)
        except BaseException as error:  # noqa: BLE001 - raised again by raise_defect
            self._defect = error
        finally:
            self._queue.put(None)

    def _offer(self, event: ClientEvent) -> None:
        essential = event.type in self._essential
        self._essential.discard(event.type)
        if essential or self._queue.qsize() < self._size:
            self._queue.put(event)
        else:
            log.warning("⚠️ Queue full (%d events): dropped %r", self._size, event.type)
