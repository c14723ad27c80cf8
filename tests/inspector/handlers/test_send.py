"""Requests that the page sends: what arrives, what is recorded of it, and who may send."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.inspector.inspector_client import InspectorClient, running
from tests.inspector.recordings import append, event, request, stream

ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    + event("hi", {}).encode()
)


@pytest.fixture
def heard() -> list[bytes]:
    """What the chatbot was sent."""
    return []


@pytest.fixture
def api(raw_server: Any, read_request: Any, heard: list[bytes], tmp_path: Path) -> Iterator[InspectorClient]:
    """An inspector of a request that was recorded from a chatbot that runs."""

    def talk(connection: socket.socket) -> None:
        heard.append(read_request(connection))
        connection.sendall(ANSWER)

    with raw_server(talk) as chatbot:
        lines = stream(0, 0, [(1000, event("hi", {}))])
        lines[0] |= {"url": f"{chatbot.url}/api/v1/stream?a=b", "body": '{"query": "x"}'}
        nowhere = request(1, 9, "GET", "/nowhere") | {"url": "/nowhere"}
        with running([append(tmp_path / "a.jsonl", [*lines, nowhere])]) as api:
            api.indexed()
            yield api


def send(api: InspectorClient, origin: str | None = "", **wanted: object) -> tuple[int, Any]:
    """The status and the answer of a request to send; it comes from the page where `origin` is not given."""
    headers = {} if origin is None else {"Origin": origin or f"http://{api.host}"}
    with contextlib.closing(http.client.HTTPConnection(api.host, timeout=10)) as connection:
        connection.request(
            "POST", "/inspect/api/send", json.dumps({"of": "0.0", "to": "live", **wanted}), headers
        )
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def test_a_request_is_sent_as_it_was_recorded(api: InspectorClient, heard: list[bytes]):
    assert send(api) == (200, {"id": "1.0"})
    found = api.until(
        lambda found: found["how"] == "complete" or found["how"] == "server-closed", "exchange/1.0"
    )
    assert found["response"]["body"]["text"] == event("hi", {})
    assert heard[0].startswith(b"POST /api/v1/stream?a=b HTTP/1.1\r\n")
    assert heard[0].endswith(b'\r\n\r\n{"query": "x"}')
    assert send(api) == (200, {"id": "1.1"})
    assert api.json("overview")["files"][1]["name"] == "sent from this page"


def test_what_a_person_edits_is_sent_and_its_secrets_are_not_kept(api: InspectorClient, heard: list[bytes]):
    secret = "sk-" + "Zq81" * 8
    status, sent = send(
        api,
        method="PUT",
        target="/other",
        headers=[["Content-Type", "text/plain"], ["Authorization", f"Bearer {secret}"]],
        body="é",
    )
    assert status == 200
    api.until(lambda found: found["response"] is not None, f"exchange/{sent['id']}")
    head, _, body = heard[0].partition(b"\r\n\r\n")
    assert (head.splitlines()[0], body) == (b"PUT /other HTTP/1.1", "é".encode())
    assert f"authorization: bearer {secret}".encode() in head.lower().replace(
        secret.lower().encode(), secret.encode()
    )
    assert secret not in json.dumps(api.json(f"exchange/{sent['id']}"))


@pytest.mark.parametrize(
    ("wanted", "status", "error"),
    [
        ({"of": "0.7"}, 404, "there is no exchange 0.7"),
        ({"to": "replay"}, 400, "no replay runs here"),
        ({"to": "http://elsewhere"}, 400, "Invalid enum value"),
        ({"of": "0.1"}, 400, "was recorded without its host"),
        ({"method": "GE T"}, 400, "`method` cannot be 'GE T'"),
        ({"target": "http://elsewhere/"}, 400, "`target` cannot be"),
        ({"target": "/a b"}, 400, "`target` cannot be"),
        ({"headers": [["a b", "c"]]}, 400, "is no header"),
        ({"headers": [["a", "b\r\nc: d"]]}, 400, "is no header"),
        ({"colour": "red"}, 400, "unknown field `colour`"),
    ],
)
def test_what_cannot_be_sent_is_said(
    api: InspectorClient, heard: list[bytes], wanted: dict[str, Any], status: int, error: str
):
    found, answer = send(api, **wanted)
    assert (found, error in answer["error"]) == (status, True), answer
    assert heard == []


@pytest.mark.parametrize("origin", [None, "http://elsewhere.example", "null", "http://127.0.0.1:1"])
def test_only_the_page_itself_may_send(api: InspectorClient, heard: list[bytes], origin: str | None):
    status, _ = send(api, origin)
    assert (status, heard) == (403, [])


def test_a_chatbot_that_is_gone_is_recorded_as_one(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    line = request(0, 0, "GET", "/") | {"url": f"http://127.0.0.1:{port}/"}
    with running([append(tmp_path / "a.jsonl", [line])]) as api:
        api.indexed()
        assert send(api) == (200, {"id": "1.0"})
        found = api.until(lambda found: found["how"] != "unfinished", "exchange/1.0")
        assert (found["how"], "cannot be reached" in found["message"]) == ("error", True)
