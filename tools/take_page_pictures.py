"""Takes the README's pictures of the inspector with the system's Chromium: part of `make pictures`."""

from __future__ import annotations

import http.client
import json
import re
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect, sync_playwright

from chatreel.commands.replay import replaying
from chatreel.workflows.threaded_server import Threaded
from replayer.schedule.pace import Pace
from replayer.server import ReplaySettings
from tools.chromium import CHROMIUM, QUIET
from tools.picture_cassette import write

FOLDER = Path(__file__).parent.parent / "docs"
WIDTH = 1280
LARGEST = 150_000
"""Bytes of a picture, so that a checkout stays small."""

PAGES = {
    "exchanges": ("", 496, ".row >> nth=9", ".preview-body table"),
    "stream": ("x/0.0", 620, ".lane.error .mark", "h1"),
    "job": ("job/0.1", 540, ".poll >> nth=3", "h1"),
    "session": ("session/0.2", 660, "", "h1"),
    "diff": ("diff/0.0/0.17", 620, "", ".strips"),
    "replay": ("replay", 570, "", "h1, #counted"),
}
"""Each picture's address on the page, its height in pixels, and the selectors of what is clicked and then shown."""


def take() -> None:
    """Take all pictures, of a replay that has answered some requests."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        cassette = Path(folder) / "incident.jsonl"
        write(cassette)
        settings = ReplaySettings(listen=("127.0.0.1", 0), pace=Pace(speed=1000))
        with Threaded(lambda: replaying([cassette], settings)) as ready:
            replay, admin = re.findall(r"http://[\d.:]+", ready)
            fill_replay(replay, admin)
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            page = browser.new_page(color_scheme="light", reduced_motion="reduce")
            for name, (route, height, pressed, shown) in PAGES.items():
                page.set_viewport_size({"width": WIDTH, "height": height})
                show(page, f"{admin}/inspect/#/{route}", pressed, shown)
                picture = page.screenshot(path=FOLDER / f"inspect-{name}.png")
                if len(picture) > LARGEST:
                    raise SystemExit(f"docs/inspect-{name}.png has {len(picture)} bytes: more than {LARGEST}")
            browser.close()


def show(page: Page, url: str, pressed: str, shown: str) -> None:
    """Open a view, click on the selector `pressed`, if there is one, and wait until the selector `shown` is there."""
    page.goto("about:blank")  # else only the address would be another, and what was opened before stay open
    page.goto(url)
    expect(page.locator("h1, #counted").first).to_be_attached()
    expect(page.locator(".live.on")).to_be_visible()
    expect(page.get_by_text("still reading")).to_have_count(0)
    if pressed:
        page.locator(pressed).click()
    expect(page.locator(shown).first).to_be_attached()
    page.mouse.move(0, 0)
    page.wait_for_load_state("load")


def fill_replay(replay: str, admin: str) -> None:
    """Give the replay what its view shows: a plan of faults, answered requests, and a miss."""
    plan = {"faults": ["drop-event type=progress nth=2", "drop-cookie name=session_id path=/jobs/*"]}
    send("PUT", f"{admin}/faults", json.dumps(plan))
    query = json.dumps({"query": "What are the key financial metrics?", "conversation_history": []})
    for target, body in (
        ("/api/v1/stream", query),
        ("/api/v1/stream?mode=job", ""),
        ("/api/v1/stream", "{}"),
    ):
        send("POST", replay + target, body)


def send(method: str, url: str, body: str) -> None:
    """Send a request and read the whole response, whatever it is."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request(method, f"{parts.path}?{parts.query}", body, {"Content-Type": "application/json"})
    connection.getresponse().read()
    connection.close()


if __name__ == "__main__":
    take()
