"""A client of the inspector's API: each request has a connection of its own; `until` waits for a state."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from chatreel.cli.common_options import url
from chatreel.workflows.threaded_server import Threaded
from foundation.clock import SYSTEM
from inspector.server import InspectorSettings, inspector_server

PATIENCE = 30_000_000
"""Microseconds that a state may take to come."""


@contextlib.contextmanager
def running(paths: Sequence[Path], token: str = "") -> Iterator[InspectorClient]:
    """A client of an inspector of these cassettes, which runs while the context lasts."""

    @contextlib.asynccontextmanager
    async def run() -> AsyncIterator[str]:
        settings = InspectorSettings(listen=("127.0.0.1", 0), token=token)
        async with inspector_server(paths, settings) as address:
            yield url(*address)

    with Threaded(run) as page:
        yield InspectorClient(page)


class InspectorClient:
    """Sends requests to the server of a page."""

    def __init__(self, page: str) -> None:
        self.host = urlsplit(page).netloc

    def request(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Any:
        """The response to a request, and its body."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(http.client.HTTPConnection(self.host, timeout=10)) as connection:
            connection.request(method, path, body, named)
            response = connection.getresponse()
            return response, response.read()

    def json(self, path: str, *, status: int = 200, **query: object) -> Any:
        """The JSON that a path of the API answers with."""
        target = f"/inspect/api/{quote(path, safe='/?=&%')}" + (f"?{urlencode(query)}" if query else "")
        response, body = self.request(target)
        assert response.status == status, body
        assert response.headers["Content-Type"] == "application/json"
        return json.loads(body)

    def error(self, path: str, status: int, **query: object) -> str:
        """The message of an error, which is one line."""
        error = self.json(path, status=status, **query)["error"]
        assert "\n" not in error
        return error

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        """The status and the body of the response to a body, JSON or bytes."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        response, answered = self.request(f"/inspect/api/{path}", "POST", data)
        return response.status, answered

    def until(self, wanted: Any, path: str, **query: object) -> Any:
        """The first JSON that is as wanted."""
        end = SYSTEM.now() + PATIENCE
        while not wanted(found := self.json(path, **query)):
            assert SYSTEM.now() < end, found
            SYSTEM.sleep(0.01)
        return found

    def indexed(self, **query: object) -> Any:
        """The rows, once all exchanges are indexed."""
        return self.until(lambda found: found["summed"], "exchanges", **query)
