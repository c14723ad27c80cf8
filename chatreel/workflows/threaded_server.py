"""Runs an asynchronous server in a thread with an event loop of its own, for code that blocks: the demo and tests."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from types import TracebackType


class Threaded[Value]:
    """A context manager that enters an asynchronous one in a thread, and leaves it there at the end.

    `server` is called in the thread; entering gives what it gives and raises what it raises.
    """

    def __init__(self, server: Callable[[], AbstractAsyncContextManager[Value]]) -> None:
        self._server = server
        self._ready: Future[Value] = Future()
        self._thread = threading.Thread(target=self._run, name="chatreel-server", daemon=True)

    def __enter__(self) -> Value:
        self._thread.start()
        return self._ready.result()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop_requested.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)  # raised again in the thread that waits for it

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop_requested = asyncio.Event()
        async with self._server() as value:
            self._ready.set_result(value)
            await self._stop_requested.wait()
