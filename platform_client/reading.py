"""The thread that reads a chatbot's response, and the bounded queue between it and the consumer."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Generator

from foundation.clock import Clock
from platform_client.cancellation import Cancellation
from platform_client.events import HEARTBEAT, ClientEvent

PARTING = 1.0
"""Seconds that a consumer who stops early waits for the thread, which may still await a response's head."""

type Produce = Callable[[Cancellation], Generator[ClientEvent]]


def read_in_thread(
    produce: Produce, queue_size: int, heartbeat_after: float, clock: Clock
) -> Generator[ClientEvent]:
    """The events that `produce` yields in a thread of its own, which ends when this generator is closed.

    When `queue_size` events wait, the thread waits for the consumer, and the chatbot for the thread: no event is
    lost. After `heartbeat_after` seconds without an event there is a heartbeat.
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
        self._cancellation = Cancellation(clock)
        # Unbounded, so that the end always gets through; events have to get `_room` before.
        self._queue: queue.SimpleQueue[ClientEvent | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(queue_size)
        self._defect: BaseException | None = None
        # A daemon, because a wait for a response's head cannot be interrupted.
        self._thread = threading.Thread(target=self._run, name="chatbot-reader", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def next(self, heartbeat_after: float) -> ClientEvent | None:
        """The next event; a heartbeat when none comes within `heartbeat_after` seconds; None at the end."""
        try:
            event = self._queue.get(timeout=heartbeat_after)
        except queue.Empty:
            return HEARTBEAT
        self._room.release()
        return event

    def stop(self) -> None:
        """End the connection and the thread; waits for that for PARTING seconds at most."""
        self._cancellation.ask()
        self._room.release()  # so that a thread that waits for room sees it
        self._thread.join(PARTING)

    def raise_defect(self) -> None:
        """Raise in the consumer's thread what ended the reading thread unexpectedly."""
        if self._defect is not None:
            raise self._defect

    def _run(self) -> None:
        try:
            with contextlib.closing(self._produce(self._cancellation)) as events:
                for event in events:
                    self._room.acquire()
                    if self._cancellation.asked:
                        break
                    self._queue.put(event)
        except BaseException as error:  # noqa: BLE001 - raised again by raise_defect
            self._defect = error
        finally:
            self._queue.put(None)
