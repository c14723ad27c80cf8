"""A server that listens at once, and is imported when the first client comes: what nobody asks for costs nothing."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tornado.httpserver import HTTPServer

type MakeServer = Callable[[], HTTPServer]
"""Returns a server that listens nowhere yet; called once, on the event loop."""


class LateServer:
    """Serves sockets that listen already, by a server that `load` imports in a thread: the loop goes on meanwhile."""

    def __init__(self, sockets: Sequence[socket.socket], load: Callable[[], MakeServer]) -> None:
        self._sockets = sockets
        self._load = load
        self._loop = asyncio.get_running_loop()
        self._starting: asyncio.Task[None] | None = None
        self._server: HTTPServer | None = None
        for one in sockets:
            self._loop.add_reader(one, self._start)

    async def close(self) -> None:
        """Listen no more, and end all connections."""
        self._listen_no_more()
        if self._starting is not None:
            self._starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._starting
        if self._server is None:
            for one in self._sockets:
                one.close()
        else:
            self._server.stop()
            await self._server.close_all_connections()

    def _start(self) -> None:
        """Import the server; clients wait in the kernel until it accepts them."""
        self._listen_no_more()
        self._starting = self._loop.create_task(self._serve())

    async def _serve(self) -> None:
        make = await asyncio.to_thread(self._load)
        self._server = make()
        self._server.add_sockets(self._sockets)

    def _listen_no_more(self) -> None:
        for one in self._sockets:
            if one.fileno() >= 0:  # else the server has closed it
                self._loop.remove_reader(one)
