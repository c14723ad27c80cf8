"""What a person does from the page: sends a request again, and breaks a replay at an event."""

from __future__ import annotations

import http.client
import re
import socket

import pytest
from playwright.sync_api import Page, expect

from cassettes.samples import samples
from chatreel.commands.replay import replaying
from chatreel.workflows.threaded_server import Threaded
from replayer.schedule.pace import Pace
from replayer.server import ReplaySettings
from tests.inspector.recordings import append, event, stream

QUESTION = (
    '{"query": "What are the key financial metrics?", "conversation_history": [],'
    ' "auto_load_documents": true, "memory_enabled": true}'
)


@pytest.fixture
def replay(quiet_page: Page):
    """The page of a replay of a stream with six events, and where the replay listens."""
    settings = ReplaySettings(listen=("127.0.0.1", 0), pace=Pace(speed=1000))
    with Threaded(lambda: replaying([samples()["stream"]], settings)) as line:
        address, admin = re.findall(r"http://([\d.:]+)", line)
        quiet_page.goto(f"http://{admin}/inspect/#/x/0.0")
        expect(quiet_page.get_by_role("grid", name="Moments of the stream")).to_be_visible()
        yield address


def answered(address: str) -> int:
    """The events that a client gets of the stream."""
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("POST", "/api/v1/stream", QUESTION, {"Content-Type": "application/json"})
    response = connection.getresponse()
    try:
        body = response.read()
    except http.client.IncompleteRead as broken:
        body = broken.partial
    connection.close()
    return body.count(b"event: ")


def test_a_request_is_sent_to_the_replay_and_what_comes_is_shown(
    replay: str, quiet_page: Page, accessible
) -> None:
    quiet_page.get_by_role("button", name="Send again…").click()
    dialog = quiet_page.get_by_role("dialog", name="Send again")
    expect(dialog.get_by_role("radio", name="the replay")).to_be_checked()
    accessible(quiet_page)
    dialog.get_by_role("button", name="Send", exact=True).click()
    expect(quiet_page).to_have_url(re.compile(r"#/x/1\.0$"))
    expect(quiet_page.locator(".exchange-strip").get_by_text("6", exact=True)).to_be_visible()
    quiet_page.get_by_role("link", name="Exchanges").click()
    legend = quiet_page.get_by_role("list", name="Files").get_by_role("listitem")
    expect(legend).to_have_text(["0. stream.jsonl", "1. sent from this page"])


def test_the_replay_is_cut_where_an_event_is(replay: str, quiet_page: Page) -> None:
    rows = quiet_page.get_by_role("grid", name="Moments of the stream").locator(".table-body .row")
    rows.nth(3).dblclick()
    quiet_page.get_by_role("button", name="Cut here").click()
    expect(quiet_page.locator("#notes")).to_contain_text("Armed: truncate after-events=3 path=/api/v1/stream")
    assert answered(replay) == 3
    quiet_page.locator("#notes").get_by_role("link", name="1 fault holds").click()
    expect(quiet_page.get_by_label("Fault 1", exact=True)).to_have_value(
        "truncate after-events=3 path=/api/v1/stream"
    )


def test_an_edited_request_goes_to_the_live_chatbot_once_it_is_confirmed(
    inspected, quiet_page: Page, raw_server, read_request, tmp_path
) -> None:
    heard: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        heard.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello")

    with raw_server(talk) as chatbot:
        lines = stream(0, 0, [(1000, event("hi", {}))])
        lines[0] |= {"url": f"{chatbot.url}/api/v1/stream", "body": '{"query": "x"}'}
        quiet_page.goto(inspected(append(tmp_path / "a.jsonl", lines)) + "#/x/0.0")
        quiet_page.get_by_role("button", name="Send again…").click()
        dialog = quiet_page.get_by_role("dialog", name="Send again")
        dialog.get_by_label("Body").fill('{"query": "y"}')
        send = dialog.get_by_role("button", name="Send", exact=True)
        expect(send).to_be_disabled()
        dialog.get_by_role("checkbox", name=f"Yes: send this to {chatbot.url}").check()
        send.click()
        expect(quiet_page.get_by_role("region", name="Response")).to_contain_text("hello")
        assert heard[0].endswith(b'{"query": "y"}')


def test_nothing_can_be_armed_where_no_replay_runs(inspected, quiet_page: Page) -> None:
    quiet_page.goto(inspected("stream") + "#/x/0.0")
    quiet_page.get_by_role("grid", name="Moments of the stream").locator(".table-body .row").nth(3).dblclick()
    expect(quiet_page.get_by_role("tabpanel", name="Event")).to_contain_text("at")
    expect(quiet_page.get_by_role("button", name="Cut here")).to_have_count(0)
