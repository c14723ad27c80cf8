"""A path of a JSON API over a socket: errors by their kinds, what nobody expected, and those whom the guard refuses."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from foundation.web.guard import Guard
from foundation.web.json_handler import JsonHandler

TOKEN = "open sesame"


class Fails(JsonHandler):
    """Fails as its query says."""

    statuses = {  # noqa: RUF012 - as declared in the base
        FileNotFoundError: HTTPStatus.NOT_FOUND,
        OSError: HTTPStatus.BAD_GATEWAY,
    }

    def get(self) -> None:
        kinds = {"missing": FileNotFoundError, "broken": OSError, "defect": LookupError}
        with self.refusing_errors():
            if kind := kinds.get(self.get_query_argument("with")):
                raise kind("why <it> failed")
        self.write(self.encoded([1]))


def response_to(method: str = "GET", query: str = "with=nothing", token: str = TOKEN) -> HTTPResponse:
    async def ask() -> HTTPResponse:
        socket, port = bind_unused_port(address="127.0.0.1")
        server = HTTPServer(Application([("/", Fails, {"guard": Guard(TOKEN, frozenset())})]))
        server.add_socket(socket)
        headers = {"Authorization": f"Bearer {token}"}
        request = HTTPRequest(
            f"http://127.0.0.1:{port}/?{query}", method, headers, allow_nonstandard_methods=True
        )
        try:
            return await AsyncHTTPClient().fetch(request, raise_error=False)
        finally:
            server.stop()
            await server.close_all_connections()

    return asyncio.run(ask())


CASES: list[tuple[dict[str, Any], int, Any]] = [
    ({}, 200, [1]),
    ({"query": "with=missing"}, 404, {"error": "why <it> failed"}),
    ({"query": "with=broken"}, 502, {"error": "why <it> failed"}),
    ({"query": "with=defect"}, 500, {"error": "Internal Server Error"}),
    ({"method": "POST"}, 405, {"error": "Method Not Allowed"}),
    ({"token": "another"}, 401, {"error": "Unauthorized"}),
]


@pytest.mark.parametrize(("request_", "status", "body"), CASES)
def test_every_answer_is_json_that_is_not_stored(request_: dict[str, Any], status: int, body: Any) -> None:
    response = response_to(**request_)
    assert (response.code, json.loads(response.body)) == (status, body)
    names = ("Server", "Cache-Control", "X-Content-Type-Options", "Content-Type")
    assert [response.headers[name] for name in names] == [
        "chatreel",
        "no-store",
        "nosniff",
        "application/json",
    ]
    challenge = response.headers.get("WWW-Authenticate")
    assert challenge == ('Bearer realm="chatreel"' if status == 401 else None)


def test_options_have_no_body_and_allow_no_foreign_page() -> None:
    response = response_to("OPTIONS")
    assert (response.code, response.body) == (204, b"")
    assert not [name for name in response.headers if name.lower().startswith("access-control")]
