"""The events on their way from a chat's thread to its page, on the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from platform_client.events import ESSENTIAL, HEARTBEAT, ClientEvent

log = logging.getLogger("analytics")

YIELDING = "Yielding to frontend - event: %s"


class PageQueue:
    """At most `size` events that wait for a page; made on the event loop that reads it.

    What finds it full is dropped with a warning, except for the first of each event that the answer cannot do
    without. Once the page has gone, everything is.
    """

    def __init__(self, size: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._size = size
        # Unbounded, so that the end always gets through; `_put` keeps the bound.
        self._queue: asyncio.Queue[ClientEvent | None] = asyncio.Queue()
        self._essential = set(ESSENTIAL)
        self._gone = False

    def offer(self, event: ClientEvent | None) -> None:
        """Add an event, or None for the end, from any thread."""
        if event is not None and not self._gone:
            log.info(YIELDING, event.type)
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it the page's connection
            self._loop.call_soon_threadsafe(self._put, event)

    async def next(self, heartbeat_after: float) -> ClientEvent | None:
        """The next event, a heartbeat when there is none for so many seconds, None at the end."""
        try:
            async with asyncio.timeout(heartbeat_after):
                return await self._queue.get()
        except TimeoutError:
            log.info(YIELDING, HEARTBEAT.type)
            return HEARTBEAT

    def close(self) -> None:
        """The page has gone: keep nothing more for it."""
        self._gone = True

    def _put(self, event: ClientEvent | None) -> None:
        if self._gone:
            return
        kind = None if event is None else event.type
        if kind is None or kind in self._essential or self._queue.qsize() < self._size:
            self._queue.put_nowait(event)
        else:
            log.warning("⚠️ Queue full (%d events): dropped %r", self._size, kind)
        if kind:
            self._essential.discard(kind)
