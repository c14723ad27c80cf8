"""Saving what is marked or filtered, and taking files in."""

from __future__ import annotations

import json
from itertools import chain

import pytest
from playwright.sync_api import Page, expect

from cassettes.file.reader import Cassette
from tests.inspector.recordings import append, event, plain, stream

DROP = """([text, name]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    for (const type of ["dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    }
}"""


@pytest.fixture
def cassette(tmp_path):
    lines = chain.from_iterable(plain(n, n * 10_000, f"/item/{n}") for n in range(4))
    return append(tmp_path / "some.jsonl", [*lines, *stream(4, 50_000, [(3000, event("progress", {}))])])


@pytest.fixture
def table(inspected, quiet_page, cassette) -> Page:
    """The page of all exchanges."""
    quiet_page.goto(inspected(cassette))
    expect(rows(quiet_page)).to_have_count(5)
    return quiet_page


def rows(page: Page):
    return page.locator(".table-body .row:not(.waiting)")


def saved(page: Page, how: str, path):
    """What a press of a button of the dialog saves."""
    with page.expect_download() as download:
        page.get_by_role("button", name=how).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    download.value.save_as(path / download.value.suggested_filename)
    return path / download.value.suggested_filename


def targets(path) -> list[str]:
    """The paths in a cassette."""
    with Cassette.open(path) as cassette:
        return [one.request.url.partition("example.org")[2] for one in cassette.exchanges()]


def test_what_is_marked_is_saved_as_a_cassette(table: Page, tmp_path) -> None:
    for key in ("j", "x", "j", "j", "x"):
        table.keyboard.press(key)
    table.get_by_role("button", name="Export…").click()
    expect(table.get_by_role("dialog")).to_contain_text("Save 2 marked exchanges")
    (tmp_path / "out").mkdir()
    assert targets(saved(table, "Cassette", tmp_path / "out")) == ["/item/0", "/item/2"]


def test_what_a_filter_leaves_is_saved_as_har(table: Page, tmp_path) -> None:
    table.get_by_role("searchbox", name="Filter").or_(table.get_by_label("Filter")).first.fill("kind:stream")
    expect(rows(table)).to_have_count(1)
    table.get_by_role("button", name="Export…").click()
    expect(table.get_by_role("dialog")).to_contain_text("Save 1 exchange, filtered by kind:stream")
    (tmp_path / "out").mkdir()
    har = json.loads(saved(table, "HAR", tmp_path / "out").read_text())
    assert [entry["request"]["url"] for entry in har["log"]["entries"]] == [
        "http://chat.example.org/api/v1/stream"
    ]
    assert [one["data"] for one in har["log"]["entries"][0]["_eventSourceMessages"]] == ["{}"]


def test_the_dialog_is_accessible_and_closes(table: Page, accessible) -> None:
    table.get_by_role("button", name="Export…").click()
    accessible(table)
    table.keyboard.press("Escape")
    expect(table.get_by_role("dialog")).to_have_count(0)


def test_a_file_is_taken_in_from_the_picker(table: Page, tmp_path) -> None:
    other = append(tmp_path / "other.jsonl", plain(0, 0, "/other"))
    with table.expect_file_chooser() as chooser:
        table.get_by_role("button", name="Import…").click()
    chooser.value.set_files(other)
    expect(rows(table)).to_have_count(6)
    expect(rows(table).filter(has_text="/other")).to_have_count(1)


def test_a_file_is_taken_in_when_it_is_dropped(table: Page, tmp_path) -> None:
    other = append(tmp_path / "other.jsonl", plain(0, 0, "/dropped"))
    table.evaluate(DROP, [other.read_text(), "other.jsonl"])
    expect(rows(table).filter(has_text="/dropped")).to_have_count(1)
    assert table.evaluate("document.body.className") == ""


def test_a_file_that_is_none_is_refused(inspected, page: Page, cassette) -> None:
    page.goto(inspected(cassette))
    expect(rows(page)).to_have_count(5)
    page.evaluate(DROP, ["no HAR", "broken.har"])
    note = page.locator(".import-note")
    expect(note).to_contain_text("broken.har: ")
    note.get_by_role("button", name="Close this note").click()
    expect(note).to_be_hidden()
    expect(rows(page)).to_have_count(5)
