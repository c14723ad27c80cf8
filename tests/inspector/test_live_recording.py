"""The page beside a real recording: a chatbot, the proxy that records it, and the file that grows."""

from __future__ import annotations

import http.client
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from playwright.sync_api import expect

from chatreel.workflows.recording_proxy import capture
from tests.inspector.recordings import event

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def send_question(origin: str) -> bytes:
    connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=20)
    connection.request("POST", "/api/v1/stream", '{"query": "Hello"}', {"Content-Type": "application/json"})
    body = connection.getresponse().read()
    connection.close()
    return body


def test_a_stream_is_watched_while_it_is_recorded(
    inspected, quiet_page, raw_server, read_request, tmp_path
) -> None:
    go_on = threading.Semaphore(0)
    events = [
        event("progress", {"progress": 10}),
        event("progress", {"progress": 60}),
        event("result", {"response": "Hi"}),
    ]

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(HEAD)
        for one in events:
            go_on.acquire(timeout=20)
            connection.sendall(one.encode())

    cassette = tmp_path / "live.jsonl"
    with (
        raw_server(talk) as chatbot,
        capture(chatbot.url, cassette, print) as proxy,
        ThreadPoolExecutor() as threads,
    ):
        quiet_page.goto(inspected(cassette))
        expect(quiet_page.locator("#counted")).to_have_text("0 exchanges")
        response = threads.submit(send_question, proxy)
        expect(quiet_page.locator(".col-how")).to_contain_text(["End", "open"])
        quiet_page.keyboard.press("j")
        quiet_page.keyboard.press("Enter")
        marks = quiet_page.locator(".timeline-drawing .lane .mark")
        for count in (1, 2):
            go_on.release()
            expect(marks).to_have_count(count)
            expect(quiet_page.get_by_text("running")).to_be_visible()
        go_on.release()
        expect(quiet_page.get_by_role("grid").locator(".row").last).to_contain_text("complete")
        expect(quiet_page.get_by_text("running")).to_have_count(0)
        assert response.result(20) == "".join(events).encode()
