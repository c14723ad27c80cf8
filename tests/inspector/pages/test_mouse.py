"""Rows by mouse: a click picks and previews one, a double click opens it, and its link leads to a new tab.

All of it also while the table grows between press and release.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.inspector.recordings import Line, append, event, plain, stream

SECOND = 1_000_000


def exchange(number: int) -> list[Line]:
    return plain(number, number * SECOND, f"/item/{number}")


def poll(number: int) -> list[Line]:
    answer = {
        "job_id": "job_ab12",
        "status": "running",
        "latest_progress": None,
        "result": None,
        "error": None,
    }
    return plain(number, number * SECOND, "/jobs/job_ab12", answer)


def job() -> list[Line]:
    begun = {"job_id": "job_ab12", "status": "pending"}
    return plain(0, 0, "/api/v1/stream?mode=job", begun, method="POST", status=202)


TABLES = {
    "exchanges": ("#/", [*exchange(0), *exchange(1)], exchange(2), 1, "#/x/0.1"),
    "sessions": ("#/sessions", exchange(0), exchange(1), 0, "#/session/0.0"),
    "polls": ("#/job/0.0", [*job(), *poll(1)], poll(2), 1, "#/x/0.1"),
}
"""The page, what is recorded, what comes while a person presses, the row that is pressed, and where it leads."""

type Case = tuple[str, Sequence[Line], Sequence[Line], int, str]


@pytest.fixture(params=TABLES.values(), ids=TABLES)
def case(request) -> Case:
    return request.param


@pytest.fixture
def cassette(case: Case, tmp_path: Path) -> Path:
    return append(tmp_path / "some.jsonl", case[1])


def rows(page: Page) -> Locator:
    return page.get_by_role("grid").locator(".table-body .row:not(.waiting)")


def test_a_click_picks_and_a_double_click_opens(
    inspected, quiet_page: Page, case: Case, cassette: Path
) -> None:
    page_, _, _, index, goal = case
    quiet_page.goto(inspected(cassette) + page_)
    row = rows(quiet_page).nth(index)
    row.click(position={"x": 200, "y": 10})
    expect(row).to_have_class(re.compile("picked"))
    row.dblclick(position={"x": 200, "y": 10})
    expect(quiet_page).to_have_url(re.compile(f"{re.escape(goal)}$"))


def test_a_row_opens_though_others_come_while_it_is_pressed(
    inspected, quiet_page: Page, case: Case, cassette: Path
) -> None:
    page_, recorded, coming, index, goal = case
    quiet_page.goto(inspected(cassette) + page_)
    before = len({line["exchange"] for line in recorded})
    expect(rows(quiet_page)).to_have_count(before)
    box = rows(quiet_page).nth(index).bounding_box()
    assert box is not None
    quiet_page.mouse.move(box["x"] + 200, box["y"] + 10)
    quiet_page.mouse.down()
    append(cassette, coming)
    expect(rows(quiet_page)).to_have_count(before + 1)
    quiet_page.mouse.up()
    quiet_page.mouse.down(click_count=2)
    quiet_page.mouse.up(click_count=2)
    expect(quiet_page).to_have_url(re.compile(f"{re.escape(goal)}$"))


def test_a_link_leads_on_though_rows_come_while_it_is_pressed(
    inspected, quiet_page: Page, tmp_path: Path
) -> None:
    cassette = append(tmp_path / "some.jsonl", exchange(0))
    quiet_page.goto(inspected(cassette))
    link = rows(quiet_page).get_by_role("link", name="0", exact=True)
    link.hover()
    quiet_page.mouse.down()
    append(cassette, exchange(1))
    expect(rows(quiet_page)).to_have_count(2)
    quiet_page.mouse.up()
    expect(quiet_page).to_have_url(re.compile(r"#/session/0\.0$"))


def test_the_bar_stays_though_rows_come_while_it_is_pressed(
    inspected, quiet_page: Page, tmp_path: Path
) -> None:
    cassette = append(tmp_path / "some.jsonl", exchange(0))
    quiet_page.goto(inspected(cassette))
    expect(rows(quiet_page)).to_have_count(1)
    quiet_page.get_by_role("link", name="Sessions").hover()
    quiet_page.mouse.down()
    append(cassette, exchange(1))
    expect(quiet_page.locator(".files")).to_contain_text("2 exchanges")
    quiet_page.mouse.up()
    expect(quiet_page).to_have_url(re.compile(r"#/sessions$"))


def test_a_click_previews_beside_the_list_and_the_next_row_follows(
    inspected, quiet_page: Page, tmp_path: Path
) -> None:
    events = [(1000, event("progress", {"n": 1})), (2000, event("result", {"text": "the answer"}))]
    quiet_page.goto(inspected(append(tmp_path / "some.jsonl", [*exchange(0), *stream(1, SECOND, events)])))
    preview = quiet_page.get_by_role("region", name="Preview")
    expect(preview).to_have_count(0)
    rows(quiet_page).nth(1).click()
    expect(preview.get_by_role("tabpanel", name="Events")).to_contain_text("the answer")
    expect(quiet_page).to_have_url(re.compile(r"/inspect/(#/)?$"))
    quiet_page.keyboard.press("ArrowUp")
    expect(preview.get_by_role("tabpanel", name="Response")).to_contain_text("HTTP/1.1 200 OK")
    preview.get_by_role("tab", name="Request").click()
    expect(preview.get_by_role("tabpanel", name="Request")).to_contain_text(
        "GET http://chat.example.org/item/0"
    )
    quiet_page.keyboard.press("Escape")
    expect(preview).to_have_count(0)
    quiet_page.keyboard.press("v")
    preview.get_by_role("link", name="Open").click()
    expect(quiet_page).to_have_url(re.compile(r"#/x/0\.0$"))


def test_a_preview_is_kept_and_follows_what_goes_on(inspected, quiet_page: Page, tmp_path: Path) -> None:
    lines = stream(0, 0, [(1000, event("progress", {"n": 1})), (2000, event("result", {}))])
    cassette = append(tmp_path / "live.jsonl", lines[:3])
    quiet_page.goto(inspected(cassette))
    rows(quiet_page).first.click()
    shown = quiet_page.get_by_role("region", name="Preview").get_by_role("row")
    expect(shown).to_have_count(3)
    append(cassette, lines[3:])
    expect(shown).to_have_count(5)
    quiet_page.get_by_role("link", name="Sessions").click()
    quiet_page.get_by_role("link", name="Exchanges").click()
    expect(shown).to_have_count(5)


def test_a_row_is_a_link_wherever_it_is_pressed(
    inspected, quiet_page: Page, case: Case, cassette: Path
) -> None:
    page_, _, _, index, goal = case
    quiet_page.goto(inspected(cassette) + page_)
    row = rows(quiet_page).nth(index)
    place = {"x": 200, "y": 10}
    with quiet_page.context.expect_page() as opened:
        row.click(position=place, button="middle")
    expect(opened.value).to_have_url(re.compile(f"{re.escape(goal)}$"))
    opened.value.close()
    box = row.bounding_box()
    assert box is not None
    found = "([x, y]) => document.elementFromPoint(x, y).closest('a').href"
    for x in (30, box["width"] - 30):
        assert quiet_page.evaluate(found, [box["x"] + x, box["y"] + 10]).endswith(goal)
