"""Who may look, and what each answer says to the browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cassettes.samples import samples
from foundation.errors import UsageError
from inspector.server import InspectorSettings, inspector_server
from tests.inspector.inspector_client import InspectorClient, running

TOKEN = "open sesame"
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
}  # fmt: skip
PATHS = [
    "/",
    "/inspect",
    "/inspect/",
    "/inspect/static/main.js",
    "/inspect/api/overview",
    "/inspect/api/changes",
]


@pytest.fixture(scope="module")
def api() -> Iterator[InspectorClient]:
    with running([samples()["health"]]) as api:
        yield api


@pytest.fixture(scope="module")
def guarded() -> Iterator[InspectorClient]:
    with running([samples()["health"]], token=TOKEN) as api:
        yield api


@pytest.mark.parametrize("path", [*PATHS[:-1], "/inspect/static/none.js", "/inspect/api/nope", "/else"])
def test_every_answer_lets_nothing_run_but_our_own_files(api: InspectorClient, path: str):
    response, _ = api.request(path)
    assert set(response.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Server"] == "chatreel"


@pytest.mark.parametrize("name", ["none.js", "%00", "a%00.js", "%ff", "x" * 5000, "%2e%2e/routes.py", "core"])
def test_what_is_no_file_of_the_page_is_refused_in_order(api: InspectorClient, name: str):
    assert api.request(f"/inspect/static/{name}")[0].status in {400, 403, 404}


def test_what_may_be_kept(api: InspectorClient):
    assert api.request("/inspect/api/overview")[0].headers["Cache-Control"] == "no-store"
    assert api.request("/inspect/static/main.js")[0].headers["Cache-Control"] == "no-cache"
    tag = api.request("/inspect/static/main.js")[0].headers["Etag"]
    assert api.request("/inspect/static/main.js", If_None_Match=tag)[0].status == 304


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [{"Host": "rebound.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
    ids=["host", "origin", "no origin"],
)
def test_no_foreign_page_may_ask(api: InspectorClient, path: str, headers: dict[str, str]):
    response, body = api.request(path, **headers)
    assert response.status == 403
    assert b"recorder" not in body


def test_the_page_itself_may(api: InspectorClient):
    assert api.request("/inspect/api/overview", Origin=f"http://{api.host}")[0].status == 200


@pytest.mark.parametrize("path", ["/", "/inspect"])
def test_the_root_leads_to_the_page(api: InspectorClient, path: str):
    response, _ = api.request(path)
    assert (response.status, response.headers["Location"]) == (302, "/inspect/")


def test_the_page_needs_no_token_and_the_api_does(guarded: InspectorClient):
    response, body = guarded.request("/inspect/")
    assert (response.status, b'<script type="module"' in body) == (200, True)
    for path in ("overview", "changes", "export", "import?name=a.har"):
        response, body = guarded.request(f"/inspect/api/{path}", "POST" if path[0] in "ei" else "GET")
        assert (response.status, json.loads(body)) == (401, {"error": "Unauthorized"})
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="chatreel"'
    response, body = guarded.request("/inspect/api/overview", Authorization=f"Bearer {TOKEN}")
    assert (response.status, json.loads(body)["token_needed"]) == (200, True)


@pytest.mark.parametrize(
    "path",
    [
        "/inspect/static/../server.py",
        "/inspect/static/%2e%2e/server.py",
        "/inspect/static//etc/passwd",
        "/inspect/static/",
    ],
)
def test_only_the_pages_files_are_served(api: InspectorClient, path: str):
    response, body = api.request(path)
    assert response.status in {403, 404}
    assert b"import" not in body


async def open_server(settings: InspectorSettings, paths: list[Path]) -> None:
    async with inspector_server(paths, settings):
        raise AssertionError("it listens")


def test_others_need_a_token():
    with pytest.raises(UsageError, match="CHATREEL_INSPECT_TOKEN"):
        asyncio.run(open_server(InspectorSettings(listen=("0.0.0.0", 0)), []))  # noqa: S104 - it must not listen
