"""Tells the page what has changed, as server-sent events."""

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
"""Microseconds without a change after which the connection is shown to be alive."""

GATHER = SECOND // 10
"""Microseconds between two changes that are told, at least."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What has changed: the ids of exchanges, or "all"."""

    version: int
    files: list[FileView]
    exchanges: list[str] | Literal["all"]


class ChangesHandler(ApiHandler):
    """The stream of changes: the first event tells how it stands now."""

    _watcher: Subscriber | None = None

    async def get(self) -> None:
        """Tell until whoever asked is gone."""
        with self.refusing_errors():
            await self.workspace.open()
        self.set_header("Content-Type", "text/event-stream")
        watcher = self._watcher = self.workspace.watch()
        with suppress(StreamClosedError):
            await self._send([])
            while not watcher.ended:
                await self._next(watcher)

    def on_connection_close(self) -> None:
        """Whoever asked is gone."""
        if self._watcher is not None:
            self._watcher.end()

    def on_finish(self) -> None:
        """Nobody is to be told any more."""
        if self._watcher is not None:
            self.workspace.forget(self._watcher)

    async def _next(self, watcher: Subscriber) -> None:
        timers = self.workspace.timers
        alarm = timers.call_at(timers.now() + HEARTBEAT, watcher.come.set)
        try:
            await watcher.come.wait()
        finally:
            alarm.cancel()
        if watcher.ended:
            return
        if watcher.has_news:
            await self._send(watcher.take())
            await sleep_until(timers, timers.now() + GATHER)
        else:
            watcher.come.clear()
            self.write(": alive\n\n")
            await self.flush()

    async def _send(self, ids: list[str] | None) -> None:
        told = overview_of(self.workspace)
        change = Change(version=told.version, files=told.files, exchanges="all" if ids is None else ids)
        self.write(b"event: change\ndata: " + msgspec.json.encode(change) + b"\n\n")
        await self.flush()
