"""The bounded queue between live traffic and the process that writes. Putting an event into it never blocks.

When the queue is full, data and new exchanges are discarded and counted by their exchange. The count takes its place in
the queue as soon as a later event of that exchange is accepted. With room for two more chunks:

    put(1, data), put(1, data)    both are queued; the queue is full
    put(1, data), put(1, data)    both are discarded; exchange 1 lacks two events
    take()                        returns the two chunks; the queue is empty
    put(1, response end)          EventsLost(records=2) is queued, then the response's end
"""

from __future__ import annotations

import threading
from collections import deque

from cassettes.model import RecordingExchange
from recorder.assembly import (
    AnyEvent,
    EventsLost,
    RequestData,
    RequestHead,
    ResponseData,
    ResponseHead,
    SocketMessage,
)

ITEM = 200
"""Bytes of memory that an event, or one of its headers, needs in addition to its data, approximately."""

BULK = (RequestHead, RequestData, ResponseData, SocketMessage)
"""Events that a full queue discards. The others are small, and every exchange needs them, so they are always queued."""


class EventQueue:
    """Events in the order in which they were put in, up to `limit` bytes, for one producer and one consumer thread.

    `why` is the reason that is recorded with a loss. `arrived` is set when there is something to take.
    """

    def __init__(self, limit: int, why: str = "the disk was too slow") -> None:
        self.arrived = threading.Event()
        self._limit = limit
        self._why = why
        self._queue: deque[tuple[RecordingExchange, AnyEvent, int]] = deque()
        # Each counter is written by one thread alone, so the traffic never waits for a lock.
        self._bytes_in = 0
        self._bytes_out = 0
        self._discarded: dict[RecordingExchange, tuple[int, int]] = {}  # events, and bytes of their data

    def put(self, exchange: RecordingExchange, event: AnyEvent) -> None:
        """Queue an event, or discard and count it."""
        size = ITEM + len(event.data) if type(event) is ResponseData else memory(event)
        if self.size + size > self._limit and isinstance(event, BULK):
            self._discard(exchange, event)
            return
        if self._discarded and exchange in self._discarded:
            self._append_loss(exchange, event.at)
        self._append(exchange, event, size)

    @property
    def size(self) -> int:
        """Bytes of memory that the queued events need, approximately."""
        return self._bytes_in - self._bytes_out

    def append_losses(self, at: int) -> None:
        """Queue the losses that no later event of their exchange has queued; called once, at the end."""
        for exchange in list(self._discarded):
            self._append_loss(exchange, at)

    def _discard(self, exchange: RecordingExchange, event: AnyEvent) -> None:
        records, data = self._discarded.get(exchange, (0, 0))
        self._discarded[exchange] = (records + 1, data + len(getattr(event, "data", b"")))

    def _append_loss(self, exchange: RecordingExchange, at: int) -> None:
        self._append(exchange, EventsLost(at, *self._discarded.pop(exchange), self._why), ITEM)

    def _append(self, exchange: RecordingExchange, event: AnyEvent, size: int) -> None:
        self._bytes_in += size
        self._queue.append((exchange, event, size))
        if not self.arrived.is_set():
            self.arrived.set()

    def take(self) -> list[tuple[RecordingExchange, AnyEvent]]:
        """Remove and return all events that are queued, each with its exchange."""
        self.arrived.clear()
        taken = [self._queue.popleft() for _ in range(len(self._queue))]
        self._bytes_out += sum(size for _, _, size in taken)
        return [(exchange, event) for exchange, event, _ in taken]


def memory(event: AnyEvent) -> int:
    """Return the bytes of memory that an event needs in the queue, approximately."""
    match event:
        case RequestData() | ResponseData() | SocketMessage():
            return ITEM + len(event.data)
        case RequestHead() | ResponseHead():
            return ITEM + sum(ITEM + len(name) + len(value) for name, value in event.headers)
        case _:
            return ITEM
