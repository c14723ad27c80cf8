from __future__ import annotations

import pytest

from chatreel.cli.chatbot_urls import origin, url_at
from foundation.errors import UsageError

NO_URLS = [
    "",
    "/path",
    "ftp://127.0.0.1",
    "http://",
    "http://[",
    "http://[::1",
    "http://127.0.0.1:99999",
    "127.0.0.1:0",
    "a b",
]


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("127.0.0.1:5000", "http://127.0.0.1:5000/api/v1/stream"),
        ("localhost", "http://localhost/api/v1/stream"),
        ("http://127.0.0.1:5000/", "http://127.0.0.1:5000/api/v1/stream"),
        ("http://127.0.0.1:5000/?mode=job", "http://127.0.0.1:5000/api/v1/stream?mode=job"),
        ("https://example.org/bot/stream/error?x=1", "https://example.org/bot/stream/error?x=1"),
        ("example.org/bot", "http://example.org/bot"),
        ("[::1]:5000", "http://[::1]:5000/api/v1/stream"),
    ],
)
def test_an_origin_or_the_url_of_a_stream(given: str, url: str) -> None:
    assert url_at(given, "--chatbot").geturl() == url


@pytest.mark.parametrize("given", NO_URLS)
def test_what_is_no_url(given: str) -> None:
    with pytest.raises(UsageError, match=r"^--chatbot .*: write a url such as http://127.0.0.1:8100$"):
        url_at(given, "--chatbot")


@pytest.mark.parametrize("given", ["bot:5000", "http://bot:5000", "http://bot:5000/"])
def test_an_origin(given: str) -> None:
    assert origin(given) == "http://bot:5000"


@pytest.mark.parametrize("given", [*NO_URLS, "http://h/path", "http://h?x", "h#x", "user:word@h"])
def test_what_is_no_origin(given: str) -> None:
    with pytest.raises(UsageError, match=r"^--live .*: write scheme://host\[:port\], for example http://127"):
        origin(given, "--live")
