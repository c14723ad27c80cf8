"""Routes that are imported when the first request for them comes: what nobody asks for costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tornado.httputil import (
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerRequest,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.routing import Router

type Open = Callable[[], Router]
"""Returns the routes; called once, on the event loop."""


class LateRoutes(Router):
    """Routes to others, which `load` imports in a thread, so that the event loop goes on meanwhile."""

    def __init__(self, load: Callable[[], Open]) -> None:
        self._load = load
        self._opened: asyncio.Task[Router] | None = None

    def find_handler(self, request: HTTPServerRequest, **_options: object) -> HTTPMessageDelegate:
        """Return a delegate that waits for the routes, and then hands on to theirs."""
        return LateDelegate(request, self._routes)

    async def _routes(self) -> Router:
        if self._opened is None:
            self._opened = asyncio.create_task(self._open())
        return await asyncio.shield(self._opened)

    async def _open(self) -> Router:
        return (await asyncio.to_thread(self._load))()


class LateDelegate(HTTPMessageDelegate):
    """Receives one request; Tornado gives it no body before `headers_received` is done."""

    def __init__(self, request: HTTPServerRequest, routes: Callable[[], Awaitable[Router]]) -> None:
        self._request = request
        self._routes = routes
        self._delegate: HTTPMessageDelegate | None = None
        self._closed = False

    async def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> None:
        """Wait for the routes, unless the client leaves first."""
        delegate = (await self._routes()).find_handler(self._request)
        if delegate is None or self._closed:
            return
        self._delegate = delegate
        begun = delegate.headers_received(start_line, headers)
        if begun is not None:
            await begun

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Hand on a piece of the body."""
        return None if self._delegate is None else self._delegate.data_received(chunk)

    def finish(self) -> None:
        """Hand on the request's end."""
        if self._delegate is not None:
            self._delegate.finish()

    def on_connection_close(self) -> None:
        """Hand on that the client left."""
        self._closed = True
        if self._delegate is not None:
            self._delegate.on_connection_close()
