"""Cookies that were set elsewhere and long ago live in three kinds of clients as they did when they were recorded."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page

from cassettes.model import Header
from replayer.responder import ReplayOptions
from tests.cassettes.recorded import save
from tests.cassettes.talk import Talk

LONG_AGO = Header(version=1, created="2020-01-01T00:00:00.000000Z", recorder="test")
COOKIES = {"s": "sess-A7", "kept": "token-A1", "short": "token-A2"}
SENT = "; ".join(f"{name}={value}" for name, value in COOKIES.items())

type Steps = Callable[[str], list[object]]
"""Follows the conversation; gives the names of the cookies at first, each answer, and the names at last."""


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    talk = Talk(origin="https://bot.example")
    talk.add("/page", answer={})
    talk.add(
        "/start",
        gives=[
            "s=sess-A7; Domain=bot.example; Secure; HttpOnly",
            "kept=token-A1; Expires=Wed, 08 Jan 2020 00:00:00 GMT; SameSite=None; Secure",
            "short=token-A2; Max-Age=600; Domain=.bot.example",
            "gone=token-A3; Expires=Tue, 31 Dec 2019 00:00:00 GMT",
        ],
        answer={"next": "https://bot.example/next"},
    )
    talk.add("/next", cookies=SENT, answer={"seen": True})
    talk.add(
        "/bye",
        cookies=SENT,
        gives=[
            "s=; Max-Age=0; Domain=bot.example",
            "kept=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "short=; Max-Age=-1",
        ],
        answer={"bye": True},
    )
    return save(tmp_path / "old.jsonl", [LONG_AGO, *talk.records()])


def with_requests(origin: str) -> list[object]:
    with requests.Session() as session:

        def get(url: str) -> object:
            return session.get(url, timeout=10).json()

        url = get(f"{origin}/start")["next"]  # type: ignore[index] - the answer is an object
        names = sorted(session.cookies.keys())
        return [names, get(url), get(f"{origin}/bye"), sorted(session.cookies.keys()), get(url)]


def with_curl(origin: str) -> list[object]:
    # In one go and without a file: curl 7 deletes no cookie that came from one.
    urls = [f"{origin}/{path}" for path in ("start", "next", "bye", "next")]
    done = subprocess.run(
        ["curl", "--silent", "--verbose", "--max-time", "10", "-b", "", "-w", "\f", *urls],
        capture_output=True,
        text=True,
        check=True,
    )
    requests_sent = done.stderr.split("> GET ")[1:]
    names = [
        sorted(re.findall(r"(\w+)=", "".join(re.findall("> Cookie: (.*)", one)))) for one in requests_sent
    ]
    start, *answers = (json.loads(line) for line in done.stdout.rstrip("\f").split("\f"))
    assert start == {"next": urls[1]}
    seen, bye, lost = answers
    return [names[1], seen, bye, names[3], lost]


def with_chromium(origin: str, page: Page) -> list[object]:
    def get(url: str) -> dict[str, str]:
        answer = page.evaluate("async (url) => (await fetch(url)).json()", url)
        assert isinstance(answer, dict)
        return answer

    def names() -> list[str]:
        return sorted(cookie["name"] for cookie in page.context.cookies(origin))

    page.goto(f"{origin}/page")
    url = get("/start")["next"]
    return [names(), get(url), get("/bye"), names(), get(url)]


@pytest.fixture(params=["requests", "curl", "chromium"])
def follow(request: pytest.FixtureRequest) -> Steps:
    if request.param == "requests":
        return with_requests
    if request.param == "curl":
        if shutil.which("curl") is None:
            pytest.skip("needs curl")
        return with_curl
    page = request.getfixturevalue("page")
    return lambda origin: with_chromium(origin, page)


def test_cookies_live_and_die_as_recorded(cassette, replay, follow) -> None:
    origin = replay(cassette, options=ReplayOptions(lost_session="401"))
    assert follow(origin) == [
        sorted(COOKIES),
        {"seen": True},
        {"bye": True},
        [],
        {"error": "Session expired"},
    ]
