from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from comparison.report import html
from comparison.report.report import Report
from comparison.report.svg import draw
from comparison.report.tracks import Point, Tracks
from comparison.result import Difference, Uncompared
from tests.comparison.mutants import event, sample, stream, with_json, with_response
from tests.comparison.report.reports import NASTY, hostile, page_on, steps

ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "span", "code", "br", "ul", "li",
    "details", "summary", "div", "figure", "svg", "line", "text", "a", "path", "circle", "strong", "dl", "dt", "dd",
}  # fmt: skip


class Page(HTMLParser):
    """What a browser makes of a page: its elements, and the text in each kind."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self._open[-1] if self._open else "", data))

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and wanted.items() <= {"kind": attributes.get("class"), **attributes}.items()
        ]

    def text(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]


def test_it_needs_nothing_else_and_allows_nothing_else():
    text = page_on(steps("a", "b"), steps("a", "c"))
    page = Page(text)
    [policy] = [one["content"] for one in page.all("meta") if one.get("http-equiv")]
    [style] = page.text("style")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    attributes = [item for _, found in page.elements for item in found.items()]
    assert {name for name, _ in attributes if name in {"src", "style", "srcset", "action"}} == set()
    assert all(value.startswith("#") for name, value in attributes if name == "href")
    assert not re.search(r"url\(|@import|https?:", style)
    assert "prefers-color-scheme: dark" in style


def everywhere() -> str:
    """A page whose every text is hostile."""
    texts = dict.fromkeys(("request", "event", "pointer", "recorded", "live", "why"), NASTY)
    one = Difference(aspect="values", change="changed", **texts)
    gap = Uncompared(why=NASTY, request=NASTY)
    report = Report(
        recorded=NASTY, live=NASTY, found=1, gaps=1, differences=[one], uncompared=[gap], notes=[NASTY]
    )
    point = Point(0, (0, "end"), NASTY)
    picture = draw(Tracks(NASTY, [point], [point], []), NASTY, [(1, one)])
    return html.page(report, [picture]).decode()


@pytest.mark.parametrize("text", [page_on(*hostile()), everywhere()])
def test_hostile_recordings_change_nothing(text):
    page = Page(text)
    assert {tag for tag, _ in page.elements} <= ALLOWED
    assert not [name for _, found in page.elements for name in found if name.startswith("on")]
    told = "".join(text for _, text in page.texts)
    assert "<script>alert(1)</script>" in told
    assert "1b[2J" in told
    assert not {"\x1b", "\u202e"} & set(told)
    assert NASTY not in told


@pytest.mark.parametrize(
    ("recorded", "live"),
    [
        (sample("stream"), sample("stream")),
        (sample("stream"), sample("job")),
        (steps("a", "b"), steps("a", "c")),
        (sample("job"), with_json(sample("job"), 4, lambda body: body["result"].pop("response", None))),
        (sample("health"), with_response(sample("health"), status=503)),
    ],
)
def test_it_tells_the_verdict_and_each_difference(recorded, live):
    page = Page(page_on(recorded, live))
    [verdict] = page.text("span")
    listed = page.all("div", kind="difference")
    assert bool(listed) == (verdict == "DIFFERENT")
    assert [one["id"] for one in listed] == [f"d{number}" for number in range(1, len(listed) + 1)]
    targets = {one["id"] for one in listed}
    assert {one["href"].removeprefix("#") for one in page.all("a")} <= targets
    assert len(page.all("svg")) == bool(listed)


def test_both_time_lines_are_drawn_with_what_differs():
    page = Page(page_on(steps("a", "b", "c"), steps("a", "x", "c")))
    assert page.all("svg", role="img")
    assert len(page.all("line", kind="row")) == 2
    assert len(page.all("line", kind="link")) == 4  # head, a, c, end
    assert len(page.all("line", kind="link differs")) == 1
    assert len(page.all("circle", kind="mark")) == 8
    assert [one["href"] for one in page.all("a")] == ["#d1", "#d1"]
    assert len(page.all("details")) == 2


def test_what_a_page_has_no_room_for_is_counted():
    other = stream([event("progress", step=f"new {place}", number=place) for place in range(5)])
    text = page_on(steps(*"abcde"), other, most_drawings=0, most_listed=2)
    page = Page(text)
    assert len(page.all("div", kind="difference")) == 2
    assert "Not listed: 3 more differences." in text
    assert page.all("svg") == []
