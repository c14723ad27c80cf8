"""The answer of an exchange: first, as text that grows with the time cursor, each piece leading to its event."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.cassettes.answers.conversations_of_protocols import TEXT, written
from tests.inspector.recordings import append, plain, stream

SECOND = 1_000_000


@pytest.fixture(scope="module")
def answers(tmp_path_factory, inspected_by_all) -> str:
    """A chat that streams, and one that does not."""
    chunks = [((place + 1) * SECOND, data.decode()) for place, data in enumerate(written("openai-chat"))]
    whole = {
        "object": "chat.completion",
        "model": "gpt-4o",
        "choices": [{"index": 0, "message": {"content": TEXT}}],
    }
    lines = [*stream(0, 0, chunks), *plain(1, 900 * SECOND, "/v1/chat/completions", whole)]
    return inspected_by_all(append(tmp_path_factory.mktemp("answers") / "answers.jsonl", lines)) + "#/x/0."


def said(page: Page):
    return page.locator(".said.answer")


def test_the_answer_is_first_and_grows_with_the_cursor(quiet_page, answers) -> None:
    quiet_page.goto(f"{answers}0")
    expect(quiet_page.get_by_role("tab", name="Answer")).to_have_attribute("aria-selected", "true")
    expect(said(quiet_page)).to_have_text(TEXT)
    expect(quiet_page.locator(".answer-facts")).to_contain_text("openai-chat")
    expect(quiet_page.locator(".piece.later")).to_have_count(0)
    third = said(quiet_page).locator(".piece").nth(2)
    third.click()
    expect(third).to_have_class(re.compile(r"\bnow\b"))
    pieces = said(quiet_page).locator(".piece")
    expect(said(quiet_page).locator(".later")).to_have_count(pieces.count() - 3)
    row = quiet_page.get_by_role("row", selected=True)
    expect(row.locator(".adds")).to_have_text(third.inner_text())
    quiet_page.keyboard.press("j")
    expect(pieces.nth(3)).to_have_class(re.compile(r"\bnow\b"))
    quiet_page.get_by_role("tab", name="Event").click()
    expect(quiet_page.get_by_role("tree").locator(".json-differs").first).to_contain_text("content")


def test_the_answer_of_a_plain_exchange_stands_before_its_body(quiet_page, answers) -> None:
    quiet_page.goto(f"{answers}1")
    expect(said(quiet_page)).to_have_text(TEXT)
    expect(quiet_page.get_by_role("region", name="Response")).to_contain_text("gpt-4o")
