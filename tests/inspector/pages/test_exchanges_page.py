"""The table of exchanges: its rows, filter, order, keys and marks, and how it grows."""

from __future__ import annotations

import os
import re
import signal
from itertools import chain

import pytest
from playwright.sync_api import Page, expect

from tests.inspector.recordings import append, event, plain, stream

SECOND = 1_000_000

PLACES = """() => [...document.querySelectorAll(".table-body .row")]
    .map((row) => [row.querySelector(".col-target").textContent, row.getBoundingClientRect().top])
    .filter(([, top]) => top > 100 && top < 700).toSorted()"""
"""Where on the screen which row is."""


@pytest.fixture
def cassette(tmp_path):
    """A stream with an error, a stream that was reset, and plain exchanges."""
    return append(
        tmp_path / "some.jsonl",
        chain(
            stream(0, 0, [(3000, event("progress", {})), (2 * SECOND, event("error", {"error": "no"}))]),
            stream(
                1, 3 * SECOND, [(3000, event("progress", {})), (4000, event("heartbeat", {}))], how="reset"
            ),
            plain(2, 4 * SECOND, "/health"),
            plain(3, 5 * SECOND, "/missing", {"error": "Not found"}, status=404),
        ),
    )


@pytest.fixture
def many(tmp_path):
    return append(
        tmp_path / "many.jsonl", chain.from_iterable(plain(n, n * 10_000, f"/item/{n}") for n in range(3000))
    )


def rows(page: Page):
    return page.get_by_role("grid").locator(".table-body .row:not(.waiting)")


def picked(page: Page):
    return page.locator(".row.picked")


def test_each_exchange_has_a_row(inspected, quiet_page, cassette) -> None:
    quiet_page.goto(inspected(cassette))
    expect(rows(quiet_page)).to_have_count(4)
    cells = rows(quiet_page).nth(0).get_by_role("gridcell")
    assert cells.all_inner_texts()[3:12] == [
        "POST", "/api/v1/stream", "200", "stream", "1! 2", "62 B", "3.0 ms", "2.00 s", "complete",
    ]  # fmt: skip
    expect(rows(quiet_page).nth(1).locator(".col-events")).to_have_text("+1 1")
    expect(rows(quiet_page).nth(1).locator(".col-how")).to_have_text("reset")
    expect(rows(quiet_page).nth(3).locator(".col-status")).to_have_text("404")
    expect(quiet_page.locator("#counted")).to_have_text("4 exchanges")
    expect(quiet_page.locator(".files")).to_have_text("some.jsonl · 4 exchanges")


def test_the_samples_are_shown(inspected, quiet_page) -> None:
    quiet_page.goto(inspected("stream", "job", "error"))
    expect(rows(quiet_page).filter(has_text="/jobs/")).to_have_count(4)
    expect(rows(quiet_page).first.locator(".col-id")).to_have_text("0.0")
    expect(rows(quiet_page).nth(1).locator(".col-kind a")).to_have_attribute("href", "#/job/1.0")


FILTERS = {
    "health": ["/health"],
    "kind:stream event:error": ["/api/v1/stream"],
    "-kind:stream": ["/health", "/missing"],
    "nothing-like-it": [],
}


def test_the_filter_works_as_one_types(inspected, quiet_page, cassette) -> None:
    quiet_page.goto(inspected(cassette))
    expect(rows(quiet_page)).to_have_count(4)
    for typed, shown in FILTERS.items():
        quiet_page.keyboard.press("/")
        quiet_page.keyboard.type(typed)
        expect(rows(quiet_page).locator(".col-target")).to_have_text(shown)
        expect(quiet_page.locator("#counted")).to_have_text(f"{len(shown)} of 4 exchanges")
        quiet_page.keyboard.press("Escape")
        expect(rows(quiet_page)).to_have_count(4)
        quiet_page.keyboard.press("Escape")  # out of the field


def test_a_filter_that_is_wrong_is_explained(inspected, page, cassette) -> None:
    page.goto(inspected(cassette))
    field = page.get_by_role("searchbox", name="Filter")
    field.fill("health")
    expect(rows(page)).to_have_count(1)
    field.fill("colour:red")
    expect(page.get_by_role("alert")).to_contain_text("colour:")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(rows(page)).to_have_count(1)  # what fitted before stays
    field.fill("")
    expect(page.locator("#filter-problem")).to_be_empty()
    expect(rows(page)).to_have_count(4)


def test_words_are_put_into_the_filter_and_taken_out(inspected, quiet_page, cassette) -> None:
    quiet_page.goto(inspected(cassette))
    streams = quiet_page.get_by_role("button", name="Streams")
    streams.click()
    expect(rows(quiet_page)).to_have_count(2)
    expect(streams).to_have_attribute("aria-pressed", "true")
    quiet_page.get_by_role("button", name="Plain").click()  # instead
    expect(quiet_page.get_by_role("searchbox")).to_have_value("kind:plain")
    quiet_page.get_by_role("button", name="Plain").click()
    expect(rows(quiet_page)).to_have_count(4)


def test_a_press_on_a_head_sorts(inspected, quiet_page, cassette) -> None:
    quiet_page.goto(inspected(cassette))
    head = quiet_page.get_by_role("columnheader", name="Duration")
    expect(quiet_page.get_by_role("columnheader", name="Waterfall")).to_have_attribute(
        "aria-sort", "ascending"
    )
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")  # the longest first
    expect(rows(quiet_page).first.locator(".col-id")).to_have_text("0")
    head.get_by_role("button").press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(rows(quiet_page).last.locator(".col-id")).to_have_text("0")
    expect(head.get_by_role("button")).to_be_focused()
    assert quiet_page.url.endswith("#/?sort=duration")


def test_keys_go_through_the_rows_and_back(inspected, quiet_page, cassette) -> None:
    quiet_page.goto(inspected(cassette) + "#/?filter=kind:stream")
    expect(rows(quiet_page)).to_have_count(2)
    for key in ("j", "ArrowDown", "k", "j"):
        quiet_page.keyboard.press(key)
    expect(picked(quiet_page).locator(".col-id")).to_have_text("1")
    active = quiet_page.get_by_role("grid").get_attribute("aria-activedescendant")
    assert picked(quiet_page).get_attribute("id") == active
    quiet_page.keyboard.press("Enter")
    expect(quiet_page.get_by_role("heading", level=1)).to_contain_text("POST /api/v1/stream")
    quiet_page.keyboard.press("Escape")
    expect(quiet_page.get_by_role("searchbox")).to_have_value("kind:stream")
    expect(picked(quiet_page).locator(".col-id")).to_have_text("1")


def test_all_keys_are_listed_and_letters_can_be_turned_off(inspected, quiet_page, cassette) -> None:
    quiet_page.goto(inspected(cassette))
    expect(rows(quiet_page)).to_have_count(4)
    quiet_page.keyboard.press("?")
    dialog = quiet_page.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("compare the two marked ones")
    dialog.get_by_role("checkbox").uncheck()
    quiet_page.keyboard.press("Escape")
    quiet_page.get_by_role("grid").focus()
    quiet_page.keyboard.press("j")
    expect(picked(quiet_page)).to_have_count(0)
    quiet_page.keyboard.press("ArrowDown")
    expect(picked(quiet_page)).to_have_count(1)


def test_two_marked_exchanges_can_be_compared(inspected, page, cassette) -> None:
    page.goto(inspected(cassette))
    expect(rows(page)).to_have_count(4)
    page.get_by_role("grid").focus()
    for key in ("ArrowDown", " ", "ArrowDown", " "):
        page.keyboard.press(key)
    expect(page.get_by_role("row", selected=True)).to_have_count(2)
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile(r"#/diff/0\.0/0\.1$"))


def test_of_many_rows_only_those_in_sight_exist(inspected, quiet_page, many) -> None:
    quiet_page.goto(inspected(many))
    grid = quiet_page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", "3001")
    quiet_page.keyboard.press("End")
    expect(picked(quiet_page)).to_have_attribute("aria-rowindex", "3001")
    expect(picked(quiet_page).locator(".col-target")).to_have_text("/item/2999")
    quiet_page.keyboard.press("PageUp")
    expect(picked(quiet_page).locator(".col-target")).not_to_have_text("/item/2999")
    assert rows(quiet_page).count() < 80
    grid.evaluate("grid => { grid.scrollTop = 1500 * 24; }")
    expect(rows(quiet_page).filter(has_text="/item/1500")).to_be_visible()


@pytest.mark.parametrize("sort", ["began", "-began"])
def test_rows_that_come_move_nothing(inspected, quiet_page, many, sort) -> None:
    quiet_page.goto(inspected(many) + f"#/?sort={sort}")
    grid = quiet_page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", "3001")
    grid.evaluate("grid => { grid.scrollTop = 1000 * 24; }")
    expect(rows(quiet_page).filter(has_text=re.compile(r"/item/1005|/item/1994"))).to_be_visible()
    before = quiet_page.evaluate(PLACES)
    append(many, chain.from_iterable(plain(n, n * 10_000, f"/item/{n}") for n in range(3000, 3020)))
    expect(grid).to_have_attribute("aria-rowcount", "3021")
    expect(quiet_page.locator(".files")).to_contain_text("3\u202f020")
    assert quiet_page.evaluate(PLACES) == before


def test_an_exchange_that_goes_on_is_followed(inspected, quiet_page, tmp_path) -> None:
    lines = stream(0, 0, [(3000, event("progress", {})), (SECOND, event("result", {}))])
    cassette = append(tmp_path / "live.jsonl", lines[:3])
    quiet_page.goto(inspected(cassette))
    expect(rows(quiet_page).locator(".col-how")).to_have_text("open")
    append(cassette, lines[3:])
    expect(rows(quiet_page).locator(".col-how")).to_have_text("complete")
    expect(rows(quiet_page).locator(".col-events")).to_have_text("2")


def test_the_token_is_taken_from_the_address_and_kept(inspected, page, cassette) -> None:
    url = inspected(cassette, token="a secret")
    page.goto(url)
    expect(page.get_by_role("alert")).to_contain_text("Unauthorized")
    page.goto("about:blank")
    page.goto(f"{url}#token=a%20secret")
    expect(rows(page)).to_have_count(4)
    assert page.url == f"{url}#/"
    page.reload()
    expect(rows(page)).to_have_count(4)
    expect(page.locator(".live")).to_have_text("live")


def hosts_lines():
    lines = [*plain(0, 0, "/a"), *plain(1, SECOND, "/b")]
    lines[0]["url"] = "http://api.example.com:5000/a"
    return lines


def test_host_and_time_of_day_are_shown_and_filtered_by(inspected, quiet_page, tmp_path) -> None:
    session = quiet_page.context.new_cdp_session(quiet_page)
    session.send("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Tokyo"})
    quiet_page.set_viewport_size({"width": 1440, "height": 700})
    quiet_page.goto(inspected(append(tmp_path / "hosts.jsonl", hosts_lines())))
    expect(rows(quiet_page).locator(".col-host")).to_have_text(["api.example.com:5000", "chat.example.org"])
    expect(rows(quiet_page).locator(".col-time")).to_have_text(["11-22 23:11:04.000", "11-22 23:11:05.000"])
    quiet_page.get_by_role("searchbox").fill("host:*.com")
    expect(rows(quiet_page).locator(".col-target")).to_have_text(["/a"])


WIDTHS = {
    800: ["#", "Method", "Path", "Status", "Kind", "Events", "Duration", "End"],
    1024: ["#", "Method", "Path", "Status", "Kind", "Events", "Size", "First", "Duration", "End"],
    1440: [
        "#", "Time", "Session", "Method", "Path", "Status", "Kind", "Events", "Size", "First", "Duration", "End",
        "Waterfall",
    ],
}  # fmt: skip


def test_what_does_not_fit_is_left_out_by_its_rank(inspected, quiet_page, cassette) -> None:
    quiet_page.goto(inspected(cassette))
    for width, titles in WIDTHS.items():
        quiet_page.set_viewport_size({"width": width, "height": 600})
        expect(quiet_page.get_by_role("columnheader")).to_contain_text(titles)
        grid = quiet_page.get_by_role("grid")
        assert grid.evaluate("grid => grid.scrollWidth <= grid.clientWidth")


def test_columns_are_chosen_and_kept(inspected, quiet_page, cassette) -> None:
    quiet_page.set_viewport_size({"width": 800, "height": 600})
    quiet_page.goto(inspected(cassette))
    quiet_page.get_by_role("button", name="Columns…").click()
    dialog = quiet_page.get_by_role("dialog", name="Columns")
    dialog.get_by_role("checkbox", name="Chunks").check()
    dialog.get_by_role("checkbox", name="Kind").uncheck()
    dialog.get_by_role("button", name="Close").click()
    expect(rows(quiet_page).first.locator(".col-chunks")).to_have_text("2")
    quiet_page.reload()
    expect(quiet_page.get_by_role("columnheader", name="Chunks")).to_be_visible()
    expect(quiet_page.get_by_role("columnheader", name="Kind")).to_have_count(0)
    quiet_page.get_by_role("button", name="Columns…").click()
    dialog.get_by_role("button", name="As they were").click()
    expect(quiet_page.get_by_role("columnheader", name="Kind")).to_have_count(1)


def test_a_setting_that_is_broken_counts_as_none(inspected, quiet_page, cassette) -> None:
    quiet_page.goto(inspected(cassette))
    quiet_page.evaluate("() => localStorage.setItem('chatreel.columns', '[broken')")
    quiet_page.reload()
    expect(quiet_page.get_by_role("columnheader", name="Kind")).to_have_count(1)


def test_files_have_a_legend_that_filters(inspected, quiet_page) -> None:
    quiet_page.goto(inspected("stream", "job"))
    legend = quiet_page.get_by_role("list", name="Files")
    expect(legend.get_by_role("listitem")).to_have_text(["0. stream.jsonl", "1. job.jsonl"])
    legend.get_by_role("button", name="stream.jsonl").click()
    expect(rows(quiet_page)).to_have_count(1)
    expect(quiet_page.get_by_role("searchbox")).to_have_value("file:0")


def test_the_words_of_the_filter_are_in_the_help(inspected, quiet_page, cassette) -> None:
    quiet_page.goto(inspected(cassette))
    expect(rows(quiet_page)).to_have_count(4)
    quiet_page.keyboard.press("?")
    expect(quiet_page.get_by_role("dialog", name="Keys").get_by_role("term")).to_contain_text(
        ["host:*.example.org"]
    )


@pytest.mark.parametrize("typed", ["", "nothing-like-it"])
def test_axe_finds_nothing(inspected, quiet_page, accessible, cassette, typed) -> None:
    quiet_page.goto(inspected(cassette) + f"#/?filter={typed}")
    expect(quiet_page.locator("#counted")).to_contain_text("4 exchanges")
    if not typed:
        rows(quiet_page).first.click()
        expect(quiet_page.get_by_role("tabpanel", name="Events")).to_be_visible()
    accessible(quiet_page)


def test_any_text_is_found_and_the_search_says_how_far_it_is(
    inspected, quiet_page, indexers, tmp_path
) -> None:
    lines = chain.from_iterable(plain(n, n, f"/item/{n}", {"text": f"word{n}"}) for n in range(30))
    quiet_page.goto(inspected(append(tmp_path / "some.jsonl", lines)))
    counted = quiet_page.locator("#counted")
    expect(counted).to_have_text("30 exchanges")
    os.kill(indexers[0].pid, signal.SIGSTOP)
    quiet_page.get_by_role("searchbox").fill("word17")
    expect(counted).to_have_text("0 of 30 exchanges · searched 0 %")
    os.kill(indexers[0].pid, signal.SIGCONT)
    expect(rows(quiet_page).locator(".col-target")).to_have_text(["/item/17"])
    expect(counted).to_have_text("1 of 30 exchanges")
