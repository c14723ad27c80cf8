"""The page of `chatreel diff --html` in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.comparison.report.reports import hostile, page_on, steps


@pytest.fixture
def shown(page: Page, tmp_path):
    """Shows a page from a file, as people do; what the console said, and what was asked for elsewhere."""

    def show(text: str) -> list[str]:
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        file = tmp_path / "report.html"
        file.write_text(text, encoding="utf-8")
        page.goto(file.as_uri())
        assert asked == [file.as_uri()]
        return said

    return show


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_shown_under_its_own_policy(shown, page, scheme):
    page.emulate_media(color_scheme=scheme)
    assert shown(page_on(steps("a", "b", "c"), steps("a", "x", "c"))) == []
    assert page.locator("h1").inner_text() == "DIFFERENT"
    ink, paper = (
        int(page.evaluate(f"getComputedStyle(document.body).{name}.match(/\\d+/)[0]"))
        for name in ("color", "backgroundColor")
    )
    assert (ink < paper) == (scheme == "light")
    assert page.locator("svg .mark.differs").count() == 2
    assert page.locator("svg").bounding_box()["height"] > 50


def test_it_is_used_with_the_keyboard(shown, page):
    shown(page_on(steps("a", "b"), steps("a", "c")))
    details = page.locator("details").first
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert details.get_attribute("open") is None
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#d1")


def test_a_hostile_recording_runs_nothing(shown, page):
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    assert shown(page_on(*hostile())) == []
    assert dialogs == []
    assert page.locator("script, img").count() == 0
