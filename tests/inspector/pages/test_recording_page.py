"""A recording that is started and stopped from the page."""

from __future__ import annotations

import http.client
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from chatreel.commands.inspect import inspecting
from chatreel.workflows.threaded_server import Threaded
from inspector.server import InspectorSettings
from tests.inspector.inspector_client import InspectorClient

HELLO = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"


def test_a_recording_is_started_watched_and_stopped(
    quiet_page: Page, raw_server, read_request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accessible
) -> None:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(HELLO)

    monkeypatch.chdir(tmp_path)
    settings = InspectorSettings(listen=("127.0.0.1", 0))
    with raw_server(talk) as chatbot, Threaded(lambda: inspecting([], settings, chatbot.url)) as line:
        page = line.rpartition(" ")[2]
        quiet_page.goto(f"{page}/inspect/")
        quiet_page.get_by_role("button", name="Record").click()
        proxy = quiet_page.locator(".recording .data")
        expect(proxy).to_have_text(re.compile(r"^http://127\.0\.0\.1:\d+$"))
        accessible(quiet_page)
        connection = http.client.HTTPConnection(urlsplit(proxy.inner_text()).netloc, timeout=20)
        connection.request("GET", "/hello")
        assert connection.getresponse().read() == b"hello"
        connection.close()
        rows = quiet_page.get_by_role("grid").locator(".table-body .row")
        expect(rows.locator(".col-target")).to_have_text("/hello")
        quiet_page.get_by_role("button", name="Stop").click()
        expect(quiet_page.get_by_role("button", name="Record")).to_be_visible()
        assert len([*tmp_path.glob("recording-*.jsonl")]) == 1


def test_a_page_that_records_nothing_says_so(inspected) -> None:
    api = InspectorClient(inspected("stream").removesuffix("/inspect/"))
    assert api.json("overview")["recording"] is None
    response, body = api.request(
        "/inspect/api/recording", "POST", b'{"on": true}', Origin=f"http://{api.host}"
    )
    assert (response.status, b"chatreel inspect --record URL" in body) == (400, True)
    assert api.post("recording", {"on": True})[0] == 403
