"""The events on their way from a chat's thread to its page, on the event loop."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import logging
import threading

from cassettes.framings import sse
from cassettes.framings.event import Event
from platform_client.events import ESSENTIAL, HEARTBEAT, ClientEvent

log = logging.getLogger("analytics")

YIELDING = "Yielding to frontend - event: %s"


class PageQueue:
    """At most `size` events, of `room` bytes together, that wait for a page; made on the event loop that reads it.

    What finds it full is dropped with a warning, except for the first of each event that the answer cannot do
    without. Once the page has gone, everything is.
    """

    def __init__(self, size: int, room: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._size = size
        self._room = room
        self._arrived = asyncio.Event()
        self._lock = threading.Lock()
        # The blocks of an SSE stream; None is its end, which has room always.
        self._waiting: collections.deque[bytes | None] = collections.deque()
        self._essential = set(ESSENTIAL)
        self._gone = False

    def offer(self, event: ClientEvent) -> None:
        """Add an event, from any thread."""
        block = encoded(event)
        with self._lock:
            if self._gone:
                return
            admitted = event.type in self._essential or self._has_room(len(block))
            self._essential.discard(event.type)
            if admitted:
                log.info(YIELDING, event.type)
                self._add(block)
            else:
                log.warning(
                    "⚠️ Queue full (%d events): dropped %r of %d bytes",
                    len(self._waiting),
                    event.type,
                    len(block),
                )

    def end(self) -> None:
        """Add the end, from any thread."""
        with self._lock:
            self._add(None)

    async def next(self, heartbeat_after: float) -> bytes | None:
        """The next event as a block of an SSE stream, a heartbeat when there is none for so many seconds.

        None at the end.
        """
        try:
            async with asyncio.timeout(heartbeat_after):
                while not self._waiting:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            log.info(YIELDING, HEARTBEAT.type)
            return encoded(HEARTBEAT)
        with self._lock:
            block = self._waiting.popleft()
            self._room += len(block or b"")
        return block

    def close(self) -> None:
        """The page has gone: keep nothing more for it."""
        with self._lock:
            self._gone = True
            self._waiting.clear()

    def _has_room(self, length: int) -> bool:
        return len(self._waiting) < self._size and length <= self._room

    def _add(self, block: bytes | None) -> None:
        self._waiting.append(block)
        self._room -= len(block or b"")
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it the page's connection
            self._loop.call_soon_threadsafe(self._arrived.set)


def encoded(event: ClientEvent) -> bytes:
    """An event as a block of an SSE stream."""
    return sse.encode(Event(type=event.type, data=event.data))
