"""Plays a response that is still to be found, which takes other tasks and processes some time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from foundation.timers import Timers
from replayer.listener.player import Done, Performance, Response, ResponseFactory, Wire, performance_of


def pending(find: Callable[[], Awaitable[Response]]) -> ResponseFactory:
    """Return a response that is what `find` returns; its times count from where they would without the waiting."""
    return lambda wire, timers, start, done: PendingResponse(find, wire, timers, start, done)


class PendingResponse:
    """Finds a response, then plays it."""

    def __init__(
        self, find: Callable[[], Awaitable[Response]], wire: Wire, timers: Timers, start: int, done: Done
    ) -> None:
        self._find = find
        self._wire = wire
        self._timers = timers
        self._start = start
        self._done = done
        self._task: asyncio.Task[None] | None = None
        self._found: Performance | None = None

    def play(self) -> None:
        """Begin to find the response."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def cancel(self) -> None:
        """Stop, because the client has left."""
        if self._found is not None:
            self._found.cancel()
        elif self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        try:
            response = await self._find()
        except Exception:
            self._done("reset")  # the loop reports the defect; the client must not wait for it
            raise
        self._found = performance_of(response, self._wire, self._timers, self._start, self._done)
        self._found.play()
