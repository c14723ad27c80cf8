"""What a cassette gets while a view is on its way to the page: nothing of it may stay unseen."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.inspector.inspector_client import InspectorClient
from tests.inspector.recordings import Line, append, event, plain, stream

SECOND = 1_000_000
STREAM = stream(0, 0, [(SECOND, event("progress", {}))])
RUNNING = {"job_id": "job_ab12", "status": "running"}
JOB = [
    *plain(0, 0, "/api/v1/stream?mode=job", RUNNING, method="POST", status=202),
    *plain(1, SECOND, "/jobs/job_ab12", RUNNING),
]
POLL = plain(2, 2 * SECOND, "/jobs/job_ab12", RUNNING)


def rows(page: Page) -> Locator:
    return page.get_by_role("grid").locator(".table-body .row")


def marks(page: Page) -> Locator:
    return page.locator(".timeline-drawing [data-lane=progress] .mark")


def links(page: Page) -> Locator:
    return page.locator(".picture a[data-id]")


VIEWS = {
    "exchanges": ("#/", "exchanges?*", JOB, POLL, rows, 2),
    "sessions": ("#/sessions", "sessions?*", plain(0, 0, "/"), plain(1, SECOND, "/"), rows, 1),
    "session": ("#/session/0.0", "session/0.0", JOB, POLL, links, 2),
    "job": ("#/job/0.0", "job/0.0", JOB, POLL, rows, 2),
    "stream": ("#/x/0.0", "exchange/0.0/moments*", STREAM[:2], STREAM[2:], marks, 0),
    "plain": ("#/x/0.0", "exchange/0.0", STREAM[:1], STREAM[1:], marks, 0),
}
"""The view, what it asks for, what is recorded then and what comes, what is counted, and how much there is of it."""

type Case = tuple[str, str, list[Line], list[Line], Callable[[Page], Locator], int]


@pytest.fixture(params=VIEWS.values(), ids=VIEWS)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.fixture
def cassette(case: Case, tmp_path: Path) -> Path:
    return append(tmp_path / "live.jsonl", case[2])


def indexed(url: str, exchanges: int) -> None:
    """Wait until the server knows all of so many exchanges."""
    InspectorClient(url).until(
        lambda found: found["total"] == exchanges and found["summed"], "exchanges", limit=1
    )


def settle(url: str, cassette: Path, lines: list[Line]) -> None:
    """Append lines, and wait until the server knows all of them."""
    before = InspectorClient(url).json("overview")["version"]
    append(cassette, lines)
    InspectorClient(url).until(lambda found: found["version"] > before, "overview")
    indexed(url, 1 + max(line["exchange"] for line in lines))


def hear(page: Page) -> None:
    """Let the page keep the version of the last change that it heard of."""
    page.evaluate(
        "() => import('/inspect/static/core/changes.js')"
        ".then(({ onChange }) => { onChange((change) => { globalThis.heard = change.version; }); })"
    )


def heard_all(page: Page, url: str) -> None:
    """Wait until the page has heard of every change."""
    version = InspectorClient(url).json("overview")["version"]
    page.wait_for_function("version => globalThis.heard >= version", arg=version)


def test_what_comes_before_the_page_follows_is_shown(
    inspected, quiet_page: Page, case: Case, cassette: Path
) -> None:
    view, _, recorded, coming, counted, before = case
    url = inspected(cassette)
    indexed(url, len({line["exchange"] for line in recorded}))
    came = False

    def hold(route: Route) -> None:
        nonlocal came
        if not came:
            expect(quiet_page.get_by_role("main")).not_to_contain_text("Loading")
            expect(counted(quiet_page)).to_have_count(before)
            came = True
            settle(url, cassette, coming)
        route.continue_()

    quiet_page.route("**/inspect/api/changes", hold)
    quiet_page.goto(url + view)
    expect(counted(quiet_page)).to_have_count(before + 1)


def test_what_comes_while_a_view_loads_is_shown(
    inspected, quiet_page: Page, case: Case, cassette: Path
) -> None:
    view, path, recorded, coming, counted, before = case
    url = inspected(cassette)
    indexed(url, len({line["exchange"] for line in recorded}))
    quiet_page.goto(url + "#/nowhere")
    hear(quiet_page)
    came = False

    def hold(route: Route) -> None:
        nonlocal came
        answer = route.fetch()
        if not came:
            came = True
            settle(url, cassette, coming)
            heard_all(quiet_page, url)
        route.fulfill(response=answer)

    quiet_page.route(f"**/inspect/api/{path}", hold)
    quiet_page.evaluate("view => { location.hash = view; }", view)
    expect(counted(quiet_page)).to_have_count(before + 1)


def test_a_stream_is_shown_as_one_though_its_facts_are_late(
    inspected, quiet_page: Page, indexers: list[subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    cassette = append(tmp_path / "live.jsonl", STREAM[:1])
    url = inspected(cassette)
    quiet_page.goto(url + "#/x/0.0")
    expect(quiet_page.get_by_text("No answer yet.")).to_be_visible()
    indexed(url, 1)
    os.kill(indexers[0].pid, signal.SIGSTOP)
    append(cassette, STREAM[1:])
    expect(quiet_page.get_by_role("main")).to_contain_text(re.compile("HTTP/1.1 200 OK"))
    os.kill(indexers[0].pid, signal.SIGCONT)
    expect(marks(quiet_page)).to_have_count(1)
