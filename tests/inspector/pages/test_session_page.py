"""A session as a sequence diagram: its exchanges, which tokens went to and fro, and where one was lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.inspector.conversations import SESSION, call, lost_job
from tests.inspector.recordings import append


@pytest.fixture
def cassette(tmp_path):
    return append(tmp_path / "lost.jsonl", lost_job())


@pytest.fixture
def session(inspected, quiet_page, cassette) -> Page:
    """The page of the one session."""
    open_session(quiet_page, inspected(cassette))
    expect(links(quiet_page)).to_have_count(6)
    return quiet_page


def open_session(page: Page, origin: str) -> None:
    """Open the first session, once it is known what belongs together."""
    page.goto(f"{origin}#/sessions")
    expect(page.locator(".table-body .row").first).to_be_visible()
    page.goto(f"{origin}#/session/0.0")


def links(page: Page):
    return page.locator(".sequence a")


def token(page: Page, name: str):
    return page.locator("aside button").filter(has=page.get_by_text(name, exact=True))


def test_each_exchange_is_a_request_and_an_answer(session: Page) -> None:
    assert links(session).nth(1).locator("text").all_text_contents() == [
        "GET /jobs/job_fba3fec76ca3", "200 · 51 B · 5.0 ms",
    ]  # fmt: skip
    expect(links(session).nth(5)).to_contain_text("200 · stream of 15 events · 3.00 s")
    assert session.locator(".pause text").all_text_contents() == [
        "515 ms later", "495 ms later", "3.00 s later", "30.0 s later", "1.98 s later",
    ]  # fmt: skip
    tops = [
        float(y)
        for y in session.locator(".arrow.ask line").evaluate_all(
            "all => all.map(one => one.y1.baseVal.value)"
        )
    ]
    assert tops == sorted(tops)


def test_a_lost_cookie_is_marked_where_it_is_missing_first(session: Page) -> None:
    expect(session.locator(".loss")).to_have_text("LOST A session_id, B AWSALB")
    expect(session.locator(".exchange.lossy")).to_have_attribute("data-id", "0.3")
    lost = session.locator(".badge.lost").evaluate_all(
        "all => all.map(one => one.closest('.exchange').dataset.id)"
    )
    assert lost == ["0.3", "0.3", "0.4", "0.4"]  # it is still missing, and that is no other loss
    expect(session.get_by_role("button", name="1 request lost a token")).to_be_visible()
    expect(links(session).nth(3)).to_have_accessible_name(
        re.compile("GET /jobs/.*404.*lost A session_id, B AWSALB")
    )


def test_tokens_differ_in_letter_and_shape_too(session: Page) -> None:
    marks = session.locator("aside .badge")
    assert marks.locator("text").all_text_contents() == ["A", "B", "C"]
    assert marks.locator("circle").count() == 2  # the cookies
    assert marks.locator("rect").count() == 1
    expect(token(session, "session_id")).to_contain_text(
        "issued 1x, sent 3x, lost 1x".replace("x", "\N{MULTIPLICATION SIGN}")
    )
    expect(token(session, "session_id")).not_to_contain_text(SESSION.partition("=")[2])


def test_a_token_shows_its_life_while_it_has_the_focus(session: Page) -> None:
    token(session, "session_id").focus()
    expect(session.locator(".badge.on")).to_have_count(6)  # issued, sent three times, missing twice
    expect(session.locator(".life .end")).to_have_count(1)
    expect(session.locator(".life .stay")).to_have_count(2)
    token(session, "/job_id").focus()
    expect(session.locator(".life .end")).to_have_count(0)
    token(session, "/job_id").press("Enter")
    session.get_by_role("link", name="as a table").focus()
    expect(session.locator(".badge.on")).not_to_have_count(0)
    token(session, "/job_id").click()
    session.get_by_role("link", name="as a table").focus()
    expect(session.locator(".badge.on")).to_have_count(0)


def test_pointing_at_a_mark_in_the_drawing_shows_it_too(session: Page) -> None:
    session.locator(".badge.issued").first.hover()
    expect(session.locator(".badge.on")).to_have_count(6)
    session.locator(".actor").first.hover()
    expect(session.locator(".badge.on")).to_have_count(0)


def test_keys_go_through_the_exchanges_and_open_one(session: Page) -> None:
    for key, place in [("j", 0), ("ArrowDown", 1), ("k", 0), ("n", 3), ("n", 3), ("N", 3)]:
        session.keyboard.press(key)
        expect(links(session).nth(place)).to_be_focused()
    session.keyboard.press("Enter")
    expect(session).to_have_url(re.compile(r"#/x/0\.3$"))


def test_it_grows_and_keeps_the_focus(session: Page, cassette) -> None:
    session.keyboard.press("j")
    append(cassette, call(6, 50_000_000, "/health", {}, sends=(SESSION,)))
    expect(links(session)).to_have_count(7)
    expect(links(session).nth(0)).to_be_focused()


def test_a_long_session_is_drawn_a_part_at_a_time(inspected, quiet_page, tmp_path) -> None:
    first = call(0, 0, "/login", {}, gives=(SESSION,))
    rest = [
        line
        for n in range(1, 320)
        for line in call(n, n * 10_000, f"/item/{n}", {}, sends=(SESSION,) if n != 310 else ())
    ]
    open_session(quiet_page, inspected(append(tmp_path / "long.jsonl", [*first, *rest])))
    expect(links(quiet_page)).to_have_count(200)
    quiet_page.get_by_role("button", name="Draw 119 more exchanges").click()
    expect(links(quiet_page)).to_have_count(319)


def test_all_sessions_are_in_a_list(inspected, quiet_page, cassette, accessible) -> None:
    quiet_page.goto(f"{inspected('health', cassette)}#/sessions")
    rows = quiet_page.get_by_role("grid", name="Sessions").locator(".table-body .row")
    expect(rows).to_have_count(2)
    assert rows.nth(1).get_by_role("gridcell").all_inner_texts()[:6] == [
        "1.0",
        "0.000",
        "39.0 s",
        "6",
        "1",
        "2",
    ]
    accessible(quiet_page)
    quiet_page.keyboard.press("j")
    quiet_page.keyboard.press("Enter")
    expect(quiet_page).to_have_url(re.compile(r"#/session/1\.0$"))


@pytest.mark.parametrize("width", [1024, 1440])
def test_it_is_accessible(session: Page, accessible, width) -> None:
    session.set_viewport_size({"width": width, "height": 760})
    session.keyboard.press("n")
    accessible(session)
    assert session.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_session_is_saved_as_a_test_with_its_cassette(session) -> None:
    saved: list[str] = []
    session.on("download", lambda download: saved.append(download.suggested_filename))
    session.get_by_role("button", name="Save as a test").click()
    expect(session.locator("#notes")).to_contain_text("Saved test_session_0_0.py and session_0_0.jsonl")
    session.wait_for_function("() => true")
    assert sorted(saved) == ["session_0_0.jsonl", "test_session_0_0.py"]
