"""The bounded queue between live traffic and the process that writes: putting into it never blocks."""

from __future__ import annotations

import threading
from collections import deque

from cassettes.model import RecordingExchange
from recorder.assembly import AnyEvent, Missed, RequestData, RequestHead, ResponseData, ResponseHead

ITEM = 200
"""Bytes of memory that an event, or a header of it, costs beside its data."""

BULK = (RequestHead, RequestData, ResponseData)
"""What a full queue refuses. What turns or ends an exchange is small and always taken."""


class EventQueue:
    """Events of exchanges, first in, first out, up to `limit` bytes, for one producer and one consumer.

    When it is full, data and new exchanges are refused and counted; `why` says so where they are missed.
    """

    def __init__(self, limit: int, why: str = "the disk was too slow") -> None:
        self.arrived = threading.Event()
        self._limit = limit
        self._why = why
        self._queue: deque[tuple[RecordingExchange, AnyEvent, int]] = deque()
        # Two counters, each written by one thread alone, instead of a lock in the path of the traffic.
        self._bytes_in = 0
        self._bytes_out = 0
        self._refused: dict[RecordingExchange, tuple[int, int]] = {}

    def put(self, exchange: RecordingExchange, event: AnyEvent) -> None:
        """Queue an event, or count it as refused."""
        size = ITEM + len(event.data) if type(event) is ResponseData else memory(event)
        if self._bytes_in - self._bytes_out + size > self._limit and isinstance(event, BULK):
            records, data = self._refused.get(exchange, (0, 0))
            self._refused[exchange] = (records + 1, data + len(getattr(event, "data", b"")))
            return
        if self._refused and exchange in self._refused:
            self._admit_refused(exchange, event.at)
        self._admit(exchange, event, size)

    def settle(self, at: int) -> None:
        """Say at the end what was refused since the last event of its exchange that was queued."""
        for exchange in list(self._refused):
            self._admit_refused(exchange, at)

    def _admit_refused(self, exchange: RecordingExchange, at: int) -> None:
        self._admit(exchange, Missed(at, *self._refused.pop(exchange), self._why), ITEM)

    def _admit(self, exchange: RecordingExchange, event: AnyEvent, size: int) -> None:
        self._bytes_in += size
        self._queue.append((exchange, event, size))
        if not self.arrived.is_set():
            self.arrived.set()

    def take(self) -> list[tuple[RecordingExchange, AnyEvent]]:
        """All that is queued."""
        self.arrived.clear()
        taken = [self._queue.popleft() for _ in range(len(self._queue))]
        self._bytes_out += sum(size for _, _, size in taken)
        return [(exchange, event) for exchange, event, _ in taken]


def memory(event: AnyEvent) -> int:
    """Bytes that an event takes in the queue, roughly."""
    match event:
        case RequestData() | ResponseData():
            return ITEM + len(event.data)
        case RequestHead() | ResponseHead():
            return ITEM + sum(ITEM + len(name) + len(value) for name, value in event.headers)
        case _:
            return ITEM
