"""A cassette made to take the page over: every view shows it as text, and is built as for a harmless one.

Each hostile text has a twin of the same length without markup. All views are opened with both, and have to be the
same elements with the same attributes and classes: only texts, and the values of attributes that hold texts, differ.
"""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as TooLate

from chatreel.commands.replay import replaying
from chatreel.workflows.threaded_server import Threaded
from replayer.server import ReplaySettings
from tests.inspector.recordings import ORIGIN, Line, chunk, end, event, request, response

NAME = "<hostile-mark1>\"'"
"""Stands where no blank can: in names, paths and cookies."""

TEXT = f"</script><img src=x1 onerror=hacked()><svg onload=hacked()>{NAME}\u202e&lt;\\u003cscript>hacked()</script>"
URL = "javascript:hacked('1')"
HUGE = 30_000

SKELETON = """() => {
    const walk = (one) => {
        const classes = [...one.classList].filter((name) => !["on", "lost", "live"].includes(name)).join(".");
        const names = one.getAttributeNames().filter((name) => name !== "style").toSorted().join(" ");
        return `${one.localName}.${classes}[${names}](${[...one.children].map(walk).join()})`;
    };
    return walk(document.documentElement);
}"""

INJECTED = """() => [...document.querySelectorAll("*")].filter((one) =>
    one.localName.startsWith("hostile") || ["img", "iframe", "object", "embed", "base", "style"].includes(one.localName)
    || (one.localName === "script" && one.getAttribute("src") !== "/inspect/static/main.js")
    || one.getAttributeNames().some((name) => name.startsWith("on"))
    || (one.hasAttribute("href") && !/^(#[/]|[/]inspect[/]static[/]|https:[/][/])/.test(one.getAttribute("href")))
).map((one) => one.outerHTML.slice(0, 200))"""


def harmless(text: str) -> str:
    """A text of the same length with nothing in it that is markup, a scheme or a direction."""
    return re.sub(r"[<>\"'&:()\\\u202e]", "_", text)


def lines(*, hostile: bool) -> list[Line]:
    """A recording with the texts in every place that a server or a client has a say in."""

    def own(text: str) -> str:
        return text if hostile else harmless(text)

    name, text, url = own(NAME), own(TEXT), own(URL)
    value = f"{name}value"
    poll = f"/jobs/{name}"
    sources = [
        {"type": "web", "title": text, "url": url},
        {"type": "web", "title": text, "url": "https://example.org/"},
    ]
    running = {
        "job_id": name,
        "status": "running",
        "latest_progress": {"step": text, "message": text, "progress": 50},
    }
    failed = {"job_id": name, "status": "failed", "error": text, name: {text: [text]}}

    def odd_call(number: int, at: int, method: str, target: str, *, cookie: str = "", body: str = "") -> Line:
        line = request(number, at, method, target, body)
        line["headers"] += [[name, text], ["Referer", url], *([["Cookie", cookie]] if cookie else [])]
        return line

    def answered(number: int, at: int, kind: str, *, status: int = 200) -> Line:
        line = response(number, at, status=status, content_type=kind)
        line["headers"] += [
            [name, text],
            ["Location", url],
            ["Set-Cookie", f"{name}={value}; Path=/; {text}"],
        ]
        line["reason"] = text
        return line

    def streamed(number: int, at: int, *more: str) -> list[Line]:
        blocks = [
            event(
                "progress", {"step": text, "message": text, "progress": 5, "__proto__": {"polluted": text}}
            ),
            f": {text}\n\n",
            event(name, text),
            f"id: {name}\nretry: {name}\n{event('__proto__', {name: text})}",
            event("result", {"response": text, "sources": sources, "huge": "x" * HUGE}),
            event("e" * HUGE, "[" * 200),
            event("heartbeat", {}),
            *more,
            event("error", {"error": text}),
        ]
        return [
            odd_call(
                number,
                at,
                "POST",
                f"/api/{name}?q={name}",
                cookie=f"{name}={value}",
                body=json.dumps({"query": text}),
            ),
            answered(number, at + 10, "text/event-stream"),
            *(chunk(number, at + 100 * (place + 1), block) for place, block in enumerate(blocks)),
            chunk(number, at + 2000, {"base64": "ZGF0YTog//48aW1nPgoK"}),
            {**end(number, at + 3000, "error"), "message": text},
        ]

    return [
        {"chatreel": 1, "created": text, "recorder": text, "upstream": url},
        odd_call(0, 0, "POST", "/api/v1/stream?mode=job"),
        answered(0, 100, "application/json", status=202),
        chunk(0, 200, json.dumps({"job_id": name, "status": "pending", "polling_url": poll})),
        end(0, 300),
        odd_call(1, 400_000, "GET", poll, cookie=f"{name}={value}"),
        answered(1, 400_100, "application/json"),
        chunk(1, 400_200, json.dumps(running)),
        end(1, 400_300),
        odd_call(2, 900_000, "GET", poll),
        answered(2, 900_100, "application/json", status=500),
        chunk(2, 900_200, json.dumps(failed)),
        end(2, 900_300),
        *streamed(3, 1_000_000),
        *streamed(4, 2_000_000, event("progress", {"step": f"{text}!", "message": url})),
        {**odd_call(5, 3_000_000, name, "/", cookie=f"{name}={value}"), "url": url, "body": {"base64": "//48aW1nPg=="}},
        {**answered(5, 3_000_100, f"text/html; {text}"), "http": name},
        chunk(5, 3_000_200, text),
        chunk(5, 3_000_300, {"base64": "//48aW1nPg=="}),
        {"kind": "loss", "exchange": 5, "at": 3_000_350, "reason": text, "records": 1, "bytes": 1},
        {"kind": "loss", "at": 3_000_360, "reason": text, "records": 1, "bytes": 1},
        end(5, 3_000_400),
        {**odd_call(6, 4_000_000, "GET", "/" + own("<script>hacked()</script>") * 2000), "http": text},
        {**end(6, 4_000_500, "reset"), "message": text},
    ]  # fmt: skip


VIEWS = {
    "#/": ".table-body .row:nth-child(7):not(.waiting)",
    "#/x/0.0": ".side",
    "#/x/0.3": ".table-body .row",
    "#/x/0.5": ".side",
    "#/x/0.6": ".side",
    "#/job/0.0": ".table-body .row",
    "#/sessions": ".table-body .row",
    "#/session/0.0": ".sequence a",
    "#/diff/0.3/0.4": ".pair-side + .pair-side .document",
    "#/diff/0.3": ".chooser li + li",
    "#/diff/0.0/0.5": ".strips",
}
"""The views, and what is there when they are complete."""


def written(folder: Path, *, hostile: bool) -> Path:
    """The cassette on disk; its name is as bad."""
    folder.mkdir()
    path = folder / f"{NAME if hostile else harmless(NAME)}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines(hostile=hostile)))
    return path


@pytest.fixture
def guarded(quiet_page: Page):
    """A page that must open no dialog and talk to nobody but its server."""
    events: list[str] = []
    quiet_page.on("dialog", lambda dialog: (events.append(dialog.message), dialog.dismiss()))
    quiet_page.on("request", lambda sent: events.append(sent.url) if not is_own(sent.url) else None)
    quiet_page.on("popup", lambda _: events.append("a window"))
    yield quiet_page
    assert events == []


def is_own(url: str) -> bool:
    """Whether a request is one of the page's own."""
    return re.match(r"http://127\.0\.0\.1:\d+/(inspect/(static/|api/|$)|[a-z/]+(\?|$))", url) is not None


def show(page: Page, origin: str, view: str) -> None:
    """Open a view, and go through what is in it."""
    page.goto(f"{origin}{view}")
    expect(page.locator(VIEWS[view]).first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".problem:visible")).to_have_count(0)


def become_alike(page: Page, twin: Page) -> None:
    """Wait until two pages that may still load are built in the same way."""
    for _ in range(10):
        with contextlib.suppress(TooLate):
            alike = f"(wanted) => ({SKELETON})() === wanted"
            twin.wait_for_function(alike, arg=page.evaluate(SKELETON), timeout=500)
            return
    assert page.evaluate(SKELETON) == twin.evaluate(SKELETON)


def test_every_view_is_built_as_for_harmless_texts(inspected, guarded: Page, tmp_path) -> None:
    twin = guarded.context.new_page()
    pages = {
        guarded: inspected(written(tmp_path / "bad", hostile=True)),
        twin: inspected(written(tmp_path / "good", hostile=False)),
    }
    for page, origin in pages.items():
        show(page, origin, "#/sessions")  # there is one once it is known what belongs together
    for view in VIEWS:
        for page, origin in pages.items():
            show(page, origin, view)
        become_alike(guarded, twin)
        assert guarded.evaluate(INJECTED) == [], view
    assert guarded.evaluate("typeof hacked + typeof {}.polluted") == "undefinedundefined"


def test_the_texts_are_shown_as_they_are(inspected, guarded: Page, tmp_path) -> None:
    origin = inspected(written(tmp_path / "bad", hostile=True))
    guarded.goto(origin)
    expect(guarded.locator(".files")).to_contain_text(f"{NAME}.jsonl")
    expect(guarded.locator(".table-body .row").nth(1)).to_contain_text(f"/jobs/{NAME}")
    guarded.goto(f"{origin}#/session/0.0")
    expect(guarded.locator(".loss")).to_have_text(re.compile(f"^LOST [A-Z] {NAME}$"))
    guarded.goto(f"{origin}#/diff/0.3/0.4")
    expect(guarded.locator(".differences")).to_contain_text("<img src=x1 onerror=hacked()>")


def test_an_address_that_is_hostile_is_only_shown(inspected, guarded: Page) -> None:
    origin = inspected("health")
    for place in (f"#/{TEXT}", f"#/x/{NAME}", f"#/?filter={URL}", f"#token={NAME}", f"#/diff/{URL}/-"):
        guarded.goto("about:blank")
        guarded.goto(origin + place)
        expect(guarded.locator("#bar a").first).to_be_visible()
        assert guarded.evaluate(INJECTED) == []


def test_requests_to_a_replay_are_only_shown(guarded: Page, tmp_path) -> None:
    path = written(tmp_path / "bad", hostile=True)
    with Threaded(lambda: replaying([path], ReplaySettings(listen=("127.0.0.1", 0)))) as line:
        address, admin = re.findall(r"http://([\d.:]+)", line)
        guarded.goto(f"http://{admin}/inspect/#/replay")
        target = f"http://{address}/<script>hacked()</script>?q=<img src=x1 onerror=hacked()>".replace(
            " ", "%20"
        )
        status = guarded.request.get(target, headers={"Cookie": f"{NAME}={NAME}"}).status
        assert status == 501
        expect(guarded.locator(".table-body .row")).to_have_count(1)
        guarded.get_by_role("tab", name="Misses").click()
        expect(guarded.locator(".near").first).to_be_visible()
        assert guarded.evaluate(INJECTED) == []
        assert ORIGIN not in guarded.content()


def test_an_import_with_a_hostile_name_is_only_shown(inspected, guarded: Page) -> None:
    guarded.goto(inspected("health"))
    text = "".join(json.dumps(line) + "\n" for line in lines(hostile=True))
    guarded.locator("input[type=file]").set_input_files(
        {"name": f"{NAME}.jsonl", "mimeType": "text/html", "buffer": text.encode()}
    )
    expect(guarded.locator(".table-body .row")).to_have_count(8)
    assert guarded.evaluate(INJECTED) == []
