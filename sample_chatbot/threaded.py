"""The sample chatbot in a thread with an event loop of its own, for code that blocks: tests and the demo."""

from __future__ import annotations

import asyncio
import random
import threading
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from sample_chatbot import server
from sample_chatbot.settings import Settings


class ThreadedChatbot:
    """A context manager that runs the chatbot; `url` is its origin, "http://127.0.0.1:40123".

    Raises ServerError on entering when the address is taken.
    """

    url: str

    def __init__(
        self,
        settings: Settings | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        random: random.Random = random.SystemRandom(),  # noqa: B008 - it has no state
    ) -> None:
        self._settings = settings or Settings()
        self._address = host, port
        self._random = random
        self._ready: Future[str] = Future()
        self._thread = threading.Thread(target=self._run, name="sample-chatbot", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.url = self._ready.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._asked_to_stop.set)
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
        self._asked_to_stop = asyncio.Event()
        async with server.run(self._settings, *self._address, random=self._random) as url:
            self._ready.set_result(url)
            await self._asked_to_stop.wait()
