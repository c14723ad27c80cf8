"""Two streams one above the other: aligned event by event, and what differs in them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.inspector.conversations import STEPS, call, steps
from tests.inspector.recordings import append

MINUS = "\N{MINUS SIGN}"
OTHER = [
    *STEPS[:5],
    *STEPS[6:10],
    ("progress", {"step": "another", "progress": 50}),
    *STEPS[11:14],
    ("error", {"error": "broke"}),
    STEPS[14],
]
"""The fifth event is missing, the tenth is changed, and an error came in between."""


@pytest.fixture
def origin(inspected, tmp_path) -> str:
    """An inspector of two streams and something else."""
    lines = [*steps(0, 0, STEPS), *steps(1, 9_000_000, OTHER), *call(2, 20_000_000, "/health", {})]
    return inspected(append(tmp_path / "two.jsonl", lines))


@pytest.fixture
def diff(origin, quiet_page) -> Page:
    quiet_page.goto(f"{origin}#/diff/0.0/0.1")
    expect(quiet_page.locator(".strips")).to_be_visible()
    return quiet_page


def row(page: Page, which: str):
    return page.locator(f".strips tr.{which} td")


def test_events_are_aligned_and_differences_marked(diff: Page) -> None:
    assert diff.locator(".counts .count").all_text_contents() == [
        "15 same",
        "1 changed",
        "1 missing",
        "1 extra",
    ]
    signs = row(diff, "signs").all_inner_texts()
    assert signs == ["⋯", "=", "=", MINUS, "=", "=", "=", "=", "≠", "=", "=", "=", "+", "=", "="]
    assert row(diff, "left").all_inner_texts()[3].split() == ["progress", "1.200"]
    assert row(diff, "right").nth(3).inner_text() == "none"
    assert row(diff, "right").all_inner_texts()[12].split()[0] == "error"
    expect(diff.locator(".tag", has_text="different")).to_be_visible()


def test_the_table_has_the_pointer_and_both_values(diff: Page) -> None:
    difference = diff.locator(".differences tbody tr").filter(has_text="/step")
    assert difference.locator("td").all_inner_texts()[:4] == ["progress", "/step", '"step 10"', '"another"']
    difference.get_by_role("button").click()
    sides = diff.locator(".pair-side")
    assert [side.locator("mark").inner_text().strip() for side in sides.all()] == [
        '"step": "step 10",',
        '"step": "another",',
    ]
    expect(diff.locator(".sign.picked")).to_have_text("≠")


def test_keys_go_from_difference_to_difference(diff: Page) -> None:
    picked = diff.locator(".sign.picked")
    expect(picked).to_have_text(MINUS)
    for key, sign in [("n", "≠"), ("n", "+"), ("n", MINUS), ("N", "+")]:
        diff.keyboard.press(key)
        expect(picked).to_have_text(sign)
    expect(diff.locator(".pair-side").nth(0)).to_contain_text("Nothing stands here")
    expect(diff.locator(".pair-side").nth(1)).to_contain_text("broke")


def test_a_run_of_what_is_the_same_opens(diff: Page) -> None:
    run = diff.get_by_role("button", name="Show 4 events that are the same")
    run.focus()
    diff.keyboard.press("Enter")
    expect(row(diff, "left")).to_have_count(18)
    expect(diff.get_by_role("button", name="Pair 0: the same")).to_be_focused()


def test_long_streams_are_drawn_a_part_at_a_time(inspected, quiet_page: Page, tmp_path) -> None:
    left, right = ([("text", {"n": n, "side": side * (n < 510)}) for n in range(512)] for side in "ab")
    path = append(tmp_path / "long.jsonl", [*steps(0, 0, left), *steps(1, 110_000_000, right)])
    quiet_page.goto(f"{inspected(path)}#/diff/0.0/0.1")
    expect(row(quiet_page, "left")).to_have_count(300, timeout=15_000)  # the server has a lot to align
    expect(quiet_page.get_by_role("button", name="Draw 214 more of 214")).to_be_visible()
    quiet_page.keyboard.press("N")  # the last difference, which is not drawn yet
    expect(quiet_page.locator(".pair-side").first).to_contain_text('"n": 509')
    expect(quiet_page.locator(".sign.picked")).to_be_visible()
    quiet_page.get_by_role("button", name="Draw 3 more of 3").click()
    expect(row(quiet_page, "left")).to_have_count(514)


def test_sides_are_swapped(diff: Page) -> None:
    diff.keyboard.press("x")
    expect(diff).to_have_url(re.compile(r"#/diff/0\.1/0\.0$"))
    expect(diff.locator(".counts")).to_contain_text("1 extra")


def test_sides_are_chosen_by_search(origin, quiet_page: Page) -> None:
    quiet_page.goto(f"{origin}#/diff/0.0")
    right = quiet_page.get_by_role("combobox", name="right")
    expect(right).to_be_focused()
    expect(quiet_page.get_by_role("option")).to_have_count(3)
    right.press_sequentially("kind:stream")
    expect(quiet_page.get_by_role("option")).to_have_count(2)
    right.press("ArrowDown")
    right.press("Enter")
    expect(quiet_page).to_have_url(re.compile(r"#/diff/0\.0/0\.1$"))
    expect(quiet_page.get_by_role("combobox", name="right")).to_have_value(
        re.compile("^0.1 +POST /api/v1/stream")
    )


def test_the_same_stream_is_the_same(origin, quiet_page: Page) -> None:
    quiet_page.goto(f"{origin}#/diff/0.0/0.0")
    expect(quiet_page.locator(".tag", has_text="same")).to_be_visible()
    expect(quiet_page.get_by_role("heading", name="No difference")).to_be_visible()


def test_two_marked_exchanges_are_compared_from_the_table(origin, quiet_page: Page) -> None:
    quiet_page.goto(origin)
    expect(quiet_page.locator(".table-body .row:not(.waiting)")).to_have_count(3)
    for key in ("j", "x", "j", "x", "d"):
        quiet_page.keyboard.press(key)
    expect(quiet_page).to_have_url(re.compile(r"#/diff/0\.0/0\.1$"))


def test_an_exchange_leads_to_a_comparison(origin, quiet_page: Page) -> None:
    quiet_page.goto(f"{origin}#/x/0.1")
    quiet_page.get_by_role("link", name="Compare…").click()
    expect(quiet_page.get_by_role("combobox", name="left")).to_have_value(re.compile("^0.1 "))


def test_it_is_accessible(diff: Page, accessible) -> None:
    accessible(diff)
    diff.get_by_role("combobox", name="right").focus()
    expect(diff.get_by_role("option")).to_have_count(3)
    accessible(diff)


def test_a_diff_grows_with_its_sides(inspected, quiet_page, tmp_path) -> None:
    other = steps(1, 9_000_000, OTHER)
    cassette = append(tmp_path / "two.jsonl", [*steps(0, 0, STEPS), *other[:12]])
    quiet_page.goto(f"{inspected(cassette)}#/diff/0.0/0.1")
    counts = quiet_page.locator(".counts")
    expect(counts).to_contain_text("6 missing")
    quiet_page.keyboard.press("n")
    chosen = quiet_page.locator(".sign.picked")
    expect(chosen).to_have_count(1)
    before = chosen.get_attribute("data-pair")
    append(cassette, other[12:])
    expect(counts).to_contain_text("1 missing")
    expect(counts).to_contain_text("1 extra")
    expect(chosen).to_have_attribute("data-pair", before or "")
