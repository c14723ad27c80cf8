"""One job: its polls as one line, its progress as a curve, and the table of what each poll said."""

from __future__ import annotations

import re
from itertools import chain

import pytest
from playwright.sync_api import Page, expect

from tests.inspector.recordings import append, plain

SECOND = 1_000_000


def poll(number: int, state: str, progress: float | None) -> list[dict]:
    step = (
        None
        if progress is None
        else {"step": f"step {number}", "message": f"part {number}", "progress": progress}
    )
    answer = {"job_id": "job_ab12", "status": state, "latest_progress": step, "result": None, "error": None}
    return plain(number, number * 2 * SECOND, "/jobs/job_ab12", answer)


BEGINNING = [
    *plain(
        0,
        0,
        "/api/v1/stream?mode=job",
        {"job_id": "job_ab12", "status": "pending"},
        method="POST",
        status=202,
    ),
    *chain(poll(1, "running", 25), poll(2, "running", 50)),
]
LOST = plain(3, 6 * SECOND, "/jobs/job_ab12", {"error": "Job not found"}, status=404)


@pytest.fixture
def lost(tmp_path):
    return append(tmp_path / "lost.jsonl", [*BEGINNING, *LOST])


def rows(page: Page):
    return page.get_by_role("grid", name="Polls").locator(".table-body .row")


def drawing(page: Page):
    return page.locator(".job-drawing")


def line(page: Page):
    return page.get_by_role("slider", name="Polls of the job")


def test_a_job_is_one_line_from_pending_to_its_end(inspected, quiet_page) -> None:
    quiet_page.goto(inspected("job") + "#/job/0.0")
    expect(quiet_page.get_by_role("heading", level=1)).to_contain_text("job_")
    expect(quiet_page.locator(".strip .tag")).to_have_text("succeeded")
    expect(drawing(quiet_page).locator(".poll")).to_have_count(5)
    expect(drawing(quiet_page).locator(".stretch").first).to_have_class(re.compile(r"\bwaiting\b"))
    expect(drawing(quiet_page).locator(".stretch").last).to_have_text("succeeded")
    expect(rows(quiet_page).locator(".col-state")).to_have_text(
        ["pending", "running", "running", "running", "succeeded"]
    )


def test_the_curve_rises_with_the_progress_and_holds_between_polls(inspected, quiet_page, lost) -> None:
    quiet_page.goto(inspected(lost) + "#/job/0.0")
    expect(drawing(quiet_page).locator(".progress circle")).to_have_count(2)
    centres = (
        "marks => marks.map((mark) => [Number(mark.getAttribute('cx')), Number(mark.getAttribute('cy'))])"
    )
    (x1, y1), (x2, y2) = drawing(quiet_page).locator(".progress circle").evaluate_all(centres)
    assert x1 < x2
    grid = (
        drawing(quiet_page)
        .locator(".axis line")
        .evaluate_all("lines => lines.map((line) => line.y1.baseVal.value)")
    )
    nothing, half, _ = grid
    assert (y1, y2) == pytest.approx(((nothing + half) / 2, half), abs=1)
    assert drawing(quiet_page).locator(".curve").get_attribute("d").startswith(f"M{x1} {y1}H{x2}V{y2}H")


def test_a_job_that_was_lost_is_loud(inspected, quiet_page, lost) -> None:
    quiet_page.goto(inspected(lost) + "#/job/0.0")
    expect(quiet_page.locator(".strip .tag")).to_have_class(re.compile(r"\bbad\b"))
    expect(drawing(quiet_page).locator(".poll.bad path")).to_have_count(1)
    expect(drawing(quiet_page).locator(".stretch.bad")).to_have_text("HTTP 404")
    expect(rows(quiet_page).last).to_have_class(re.compile(r"\bfailed\b"))


def test_keys_go_along_the_polls_and_open_one(inspected, quiet_page, lost) -> None:
    quiet_page.goto(inspected(lost) + "#/job/0.0")
    expect(rows(quiet_page)).to_have_count(4)
    line(quiet_page).focus()
    quiet_page.keyboard.press("ArrowRight")
    quiet_page.keyboard.press("ArrowRight")
    expect(line(quiet_page)).to_have_attribute(
        "aria-valuetext", re.compile(r"^running, 50 %, after 4\.00 s$")
    )
    expect(quiet_page.get_by_role("row", selected=True)).to_contain_text("part 2")
    drawing(quiet_page).locator(".poll.bad").click()
    expect(quiet_page.get_by_role("row", selected=True)).to_contain_text("404")
    quiet_page.get_by_role("grid").focus()
    quiet_page.keyboard.press("k")
    quiet_page.keyboard.press("Enter")
    expect(quiet_page).to_have_url(re.compile(r"#/x/0\.2$"))
    quiet_page.get_by_role("link", name="Job", exact=True).click()
    expect(rows(quiet_page)).to_have_count(4)


def test_a_job_that_goes_on_is_followed(inspected, quiet_page, tmp_path) -> None:
    cassette = append(tmp_path / "live.jsonl", BEGINNING)
    quiet_page.goto(inspected(cassette) + "#/job/0.0")
    expect(quiet_page.locator(".strip .tag")).to_have_text("running")
    expect(drawing(quiet_page).locator(".poll")).to_have_count(3)
    append(cassette, poll(3, "succeeded", 100))
    expect(quiet_page.locator(".strip .tag")).to_have_text("succeeded")
    expect(drawing(quiet_page).locator(".poll.good")).to_have_count(1)
    expect(rows(quiet_page)).to_have_count(4)


@pytest.mark.parametrize("end", ["lost", "running"])
def test_axe_finds_nothing(inspected, quiet_page, accessible, tmp_path, end) -> None:
    cassette = append(tmp_path / "job.jsonl", [*BEGINNING, *(LOST if end == "lost" else [])])
    quiet_page.goto(inspected(cassette) + "#/job/0.0")
    expect(rows(quiet_page)).not_to_have_count(0)
    accessible(quiet_page)
