"""A replay's controls: what is set on the page holds for its clients, and what they were served is on the page."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from cassettes.samples import samples
from chatreel.commands.replay import replaying
from chatreel.workflows.threaded_server import Threaded
from replayer.server import ReplaySettings

QUESTION = "What are the key financial metrics?"
BODY = {"query": QUESTION, "conversation_history": [], "auto_load_documents": True, "memory_enabled": True}


@dataclass
class Replay:
    """A running replay, and its page."""

    address: str
    page: Page

    def ask(self, target: str, body: object = None) -> tuple[int, bytes]:
        """What a client gets; a broken answer as far as it came."""
        connection = http.client.HTTPConnection(self.address, timeout=10)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("GET" if body is None else "POST", target, body and json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.IncompleteRead as broken:
            return answer.status, broken.partial
        finally:
            connection.close()


@pytest.fixture
def replay(page: Page):
    """A replay of the samples at full speed. Its page may show what is wrong with a fault."""
    settings = ReplaySettings(listen=("127.0.0.1", 0))
    paths = [samples()[name] for name in ("stream", "job")]
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with Threaded(lambda: replaying(paths, settings)) as line:
        address, admin = re.findall(r"http://([\d.:]+)", line)
        page.goto(f"http://{admin}/inspect/#/replay")
        expect(page.get_by_role("button", name="Arm")).to_be_visible()
        page.get_by_role("button", name="max").click()
        expect(page.get_by_role("button", name="max")).to_have_attribute("aria-pressed", "true")
        yield Replay(address, page)
    assert errors == []


def arm(page: Page, fault: str, **values: str) -> None:
    """Fill in the form, and send it."""
    page.get_by_label("Fault", exact=True).select_option(fault)
    for name, value in values.items():
        field = page.locator(f"[data-parameter={name.replace('_', '-')}]")
        if not field.is_visible():
            page.get_by_text("Limits: which").click()
        field.fill(value)
    page.get_by_role("button", name="Arm").click()


def served(page: Page):
    return page.get_by_role("grid", name="Served requests").locator(".table-body .row")


def test_a_fault_that_is_armed_hits_a_client_and_is_in_the_journal(replay: Replay) -> None:
    assert replay.ask("/api/v1/stream", BODY)[1].count(b"event: ") == 6
    arm(replay.page, "truncate", after_events="2")
    expect(replay.page.get_by_label("Fault 1", exact=True)).to_have_value("truncate after-events=2")
    assert replay.ask("/api/v1/stream", BODY)[1].count(b"event: ") == 2
    expect(served(replay.page)).to_have_count(2)
    cells = served(replay.page).first.get_by_role("gridcell").all_inner_texts()  # the newest
    assert [cells[0], *cells[2:6], *cells[7:]] == [
        "1", "✓ match", "POST", "/api/v1/stream", "200", "0.0", "truncate after-events=2",
    ]  # fmt: skip
    replay.page.get_by_role("button", name="Clear", exact=True).click()
    expect(replay.page.get_by_role("heading", name="No fault holds")).to_be_visible()
    assert replay.ask("/api/v1/stream", BODY)[1].count(b"event: ") == 6


@pytest.mark.parametrize(
    ("fault", "values", "field", "said"),
    [
        ("truncate", {"after_events": "x"}, "after-events", "'x' is no whole number"),
        ("status", {}, "code", "needs code=STATUS"),
    ],
)
def test_what_is_wrong_is_shown_at_its_field(replay: Replay, fault, values, field, said) -> None:
    arm(replay.page, fault, **values)
    wrong = replay.page.locator(f"[data-parameter={field}]")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_have_accessible_description(re.compile(said))
    expect(wrong).to_be_focused()
    expect(replay.page.get_by_role("heading", name="No fault holds")).to_be_visible()


def test_an_odd_value_is_written_so_that_the_server_reads_it(replay: Replay) -> None:
    arm(replay.page, "status", code="503", body='a "b" c')
    expect(replay.page.get_by_label("Fault 1", exact=True)).to_have_value(
        'status code=503 body="a \\"b\\" c"'
    )
    assert replay.ask("/api/v1/stream", BODY) == (503, b'a "b" c')


def test_a_fault_is_changed_in_its_line_and_taken_away(replay: Replay) -> None:
    arm(replay.page, "truncate", after_events="2")
    arm(replay.page, "status", code="503", path="/never")
    first = replay.page.get_by_label("Fault 1", exact=True)
    first.fill("truncate after-evens=1")
    first.press("Enter")
    expect(first).to_have_accessible_description(re.compile("did you mean 'after-events'"))
    first.fill("truncate after-events=1")
    first.press("Enter")
    expect(first).not_to_have_attribute("aria-invalid", "true")
    assert replay.ask("/api/v1/stream", BODY)[1].count(b"event: ") == 1
    replay.page.get_by_role("button", name="Take fault 1 away").click()
    expect(replay.page.get_by_role("heading", name="Faults that hold (1)")).to_be_visible()
    assert replay.ask("/api/v1/stream", BODY)[1].count(b"event: ") == 6


def test_what_another_client_sets_is_shown(replay: Replay) -> None:
    replay.page.request.put(
        replay.page.url.partition("/inspect")[0] + "/faults", data={"faults": ["empty path=/jobs/*"]}
    )
    expect(replay.page.get_by_label("Fault 1", exact=True)).to_have_value("empty path=/jobs/*")


def test_a_miss_is_explained(replay: Replay, accessible) -> None:
    replay.ask("/api/v1/stream", BODY | {"query": "Something else"})
    replay.page.get_by_role("tab", name="Misses").click()
    near = replay.page.locator(".near").first
    expect(near.get_by_role("link")).to_have_attribute("href", "#/x/0.0")
    assert near.locator("tbody tr").locator("th, td").all_inner_texts() == [
        "body /query", f'"{QUESTION}"', '"Something else"',
    ]  # fmt: skip
    accessible(replay.page)


def test_the_speed_is_set_and_what_is_none_refused(replay: Replay) -> None:
    page = replay.page
    page.get_by_role("button", name="10\N{MULTIPLICATION SIGN}").click()
    expect(page.get_by_role("button", name="10\N{MULTIPLICATION SIGN}")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_label("no wait above").fill("0.5")
    page.get_by_role("button", name="Set", exact=True).click()
    page.reload()
    expect(page.get_by_label("times as fast")).to_have_value("10")
    expect(page.get_by_label("no wait above")).to_have_value("0.5")
    page.get_by_label("times as fast").fill("fast")
    page.get_by_label("times as fast").press("Enter")
    expect(page.locator(".speed .problem")).to_be_visible()


def test_the_replay_begins_anew(replay: Replay) -> None:
    replay.ask("/jobs/job_of_nobody")
    expect(served(replay.page)).to_have_count(1)
    replay.page.get_by_role("button", name="Reset the replay").click()
    expect(served(replay.page)).to_have_count(0)
    expect(replay.page.locator(".facts")).to_have_text(re.compile("requests0"))
    replay.ask("/api/v1/stream", BODY)
    expect(served(replay.page)).to_have_count(1)


def test_it_is_accessible(replay: Replay, accessible) -> None:
    replay.ask("/api/v1/stream", BODY)
    arm(replay.page, "truncate", after_events="x")
    replay.page.set_viewport_size({"width": 1024, "height": 760})
    expect(served(replay.page)).to_have_count(1)
    accessible(replay.page)
    assert replay.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_a_replay_there_are_no_controls(inspected, quiet_page: Page) -> None:
    quiet_page.goto(f"{inspected('stream')}#/replay")
    expect(quiet_page.get_by_text("No replay runs here")).to_be_visible()
    expect(quiet_page.get_by_role("link", name="Replay")).to_have_count(0)
