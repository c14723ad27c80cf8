"""The stream of changes, by which the page follows growing files: server-sent events (WHATWG HTML 9.2)."""

from __future__ import annotations

from contextlib import suppress
from typing import Literal

import msgspec
from tornado.iostream import StreamClosedError

from foundation.clock import SECOND
from foundation.timers import sleep_until
from inspector.handlers.views import ApiHandler
from inspector.views.overview import FileView, overview_of
from inspector.workspace.subscriber import Subscriber

HEARTBEAT = 15 * SECOND
"""Microseconds without a change after which a comment shows that the connection is alive."""

SHORTEST_GAP = SECOND // 10
"""Microseconds between two changes, at least: what happens meanwhile is in the next one."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The data of an event: the ids of the exchanges that changed, or "all"."""

    version: int
    files: list[FileView]
    exchanges: list[str] | Literal["all"]


class ChangesHandler(ApiHandler):
    """Sends changes until the page is gone; the first event holds the state as it is now."""

    _subscriber: Subscriber | None = None

    async def get(self) -> None:
        """Send changes until the page is gone or the inspector ends."""
        with self.refusing_errors():
            await self.workspace.open()
        self.set_header("Content-Type", "text/event-stream")
        subscriber = self._subscriber = self.workspace.subscribe()
        with suppress(StreamClosedError):
            await self._send([])
            while not subscriber.ended:
                await self._next(subscriber)

    def on_connection_close(self) -> None:
        """End the stream: the page is gone."""
        if self._subscriber is not None:
            self._subscriber.end()

    def on_finish(self) -> None:
        """Stop to gather changes for the page."""
        if self._subscriber is not None:
            self.workspace.unsubscribe(self._subscriber)

    async def _next(self, subscriber: Subscriber) -> None:
        timers = self.workspace.timers
        alarm = timers.call_at(timers.now() + HEARTBEAT, subscriber.woken.set)
        try:
            await subscriber.woken.wait()
        finally:
            alarm.cancel()
        if subscriber.ended:
            return
        if subscriber.has_changes:
            await self._send(subscriber.take())
            await sleep_until(timers, timers.now() + SHORTEST_GAP)
        else:
            subscriber.woken.clear()
            self.write(": alive\n\n")
            await self.flush()

    async def _send(self, ids: list[str] | None) -> None:
        state = overview_of(self.workspace)
        change = Change(version=state.version, files=state.files, exchanges="all" if ids is None else ids)
        self.write(b"event: change\ndata: " + msgspec.json.encode(change) + b"\n\n")
        await self.flush()
