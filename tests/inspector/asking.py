"""Asks an inspector for things over a connection of its own, and waits for what takes a while."""

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


@contextlib.contextmanager
def running(paths: Sequence[Path], token: str = "") -> Iterator[Api]:
    """An inspector of these cassettes."""

    @contextlib.asynccontextmanager
    async def run() -> AsyncIterator[str]:
        settings = InspectorSettings(listen=("127.0.0.1", 0), token=token)
        async with inspector_server(paths, settings) as address:
            yield url(*address)

    with Threaded(run) as page:
        yield Api(page)


class Api:
    """The API beside a page."""

    def __init__(self, page: str) -> None:
        self.host = urlsplit(page).netloc

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Any:
        """The response and its body."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(http.client.HTTPConnection(self.host, timeout=10)) as connection:
            connection.request(method, path, body, named)
            response = connection.getresponse()
            return response, response.read()

    def json(self, path: str, *, status: int = 200, **query: object) -> Any:
        """What a path of the API answers."""
        asked = f"/inspect/api/{quote(path, safe='/?=&%')}" + (f"?{urlencode(query)}" if query else "")
        response, body = self.ask(asked)
        assert response.status == status, body
        assert response.headers["Content-Type"] == "application/json"
        return json.loads(body)

    def error(self, path: str, status: int, **query: object) -> str:
        """What it says is wrong, on one line."""
        error = self.json(path, status=status, **query)["error"]
        assert "\n" not in error
        return error

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        """The status and what is answered to a body, JSON or bytes."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        response, answer = self.ask(f"/inspect/api/{path}", "POST", data)
        return response.status, answer

    def until(self, wanted: Any, path: str, **query: object) -> Any:
        """The first answer that is as wanted."""
        end = SYSTEM.now() + PATIENCE
        while not wanted(found := self.json(path, **query)):
            assert SYSTEM.now() < end, found
            SYSTEM.sleep(0.01)
        return found

    def summed(self, **query: object) -> Any:
        """The rows, once all is summed up."""
        return self.until(lambda found: found["summed"], "exchanges", **query)
