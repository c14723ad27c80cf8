from __future__ import annotations

import base64
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.model import Request
from inspector.views.curl import curl
from inspector.workspace.content import content

URL = "http://bot.example/api?q=a b&c='d'"


def request(
    method: str = "GET", body: bytes = b"", headers: tuple[tuple[str, str], ...] = (), url: str = URL
) -> Request:
    return Request(exchange=0, at=0, method=method, url=url, http="1.1", headers=headers, body=body)


@pytest.mark.parametrize(
    ("recorded", "words"),
    [
        (request(), ["curl", "-N", URL]),
        (request("DELETE"), ["curl", "-N", "-X", "DELETE", URL]),
        (request("POST", b"{}"), ["curl", "-N", URL, "--data-raw", "{}"]),
        (request("POST"), ["curl", "-N", "-X", "POST", URL]),
        (request("PUT", b"@x"), ["curl", "-N", "-X", "PUT", URL, "--data-raw", "@x"]),
        (request("POST", b"\xff"), ["curl", "-N", URL, "--data-binary", "@body"]),
        (request("POST", b"x" * 70_000), ["curl", "-N", URL, "--data-binary", "@body"]),
        (request(url="http://h/{a}[1]"), ["curl", "-N", "-g", "http://h/{a}[1]"]),
        (request(url="-o/tmp/x"), ["curl", "-N", "--url", "-o/tmp/x"]),
        (request(headers=(("@/etc/hosts", "x"),)), ["curl", "-N", URL]),
        (
            request(headers=(("Host", "h"), ("X-A", "it's $HOME"), ("X-Empty", ""), ("Content-Length", "3"))),
            ["curl", "-N", URL, "-H", "X-A: it's $HOME", "-H", "X-Empty;"],
        ),
    ],
)
def test_a_request_as_curl(recorded: Request, words: list[str]):
    assert shlex.split(curl(recorded)) == words


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=30))
def test_a_shell_reads_what_was_meant(text: str):
    line = curl(request("POST", text.encode(), (("X", text.replace("\n", " ")),)))
    assert shlex.split(line)[-1] in {text, f"X: {text}".replace("\n", " "), "X;", "@body"} or text == ""


@pytest.mark.parametrize(
    ("data", "most", "text", "raw", "json", "truncated"),
    [
        (b"", 9, "", None, False, False),
        (b"plain", 9, "plain", None, False, False),
        (b' {"a": 1}', 9, ' {"a": 1}', None, True, False),
        (b"[1]", 9, "[1]", None, True, False),
        (b"17", 9, "17", None, False, False),
        (b"{broken", 9, "{broken", None, False, False),
        (b"0123456789", 9, "012345678", None, False, True),
        ("12345678ü".encode(), 9, "12345678", None, False, True),
        (b"a\xff", 9, None, b"a\xff", False, False),
        ("ü".encode()[:1], 9, None, "ü".encode()[:1], False, False),
    ],
)
def test_bytes_as_the_page_gets_them(
    data: bytes, most: int, text: str | None, raw: bytes | None, json: bool, truncated: bool
):
    found = content(data, most=most)
    assert (found.size, found.text, found.json, found.truncated) == (len(data), text, json, truncated)
    assert (None if found.base64 is None else base64.b64decode(found.base64)) == raw


def test_a_beginning_says_how_large_the_whole_is():
    found = content(b"[1, 2", size=1000)
    assert (found.size, found.truncated, found.json) == (1000, True, False)
