from __future__ import annotations

import pytest

from foundation.http.cors import is_preflight, page_origin, preflight_headers, readable_by

PAGE = "http://localhost:5173"
ASKS = (("Origin", PAGE), ("Access-Control-Request-Method", "PUT"))


@pytest.mark.parametrize(
    ("origin", "page"),
    [(PAGE, PAGE), ("null", "null"), ("https://a.example", "https://a.example"), ("http://[::1]:80", "http://[::1]:80"),
     ("", ""), ("*", ""), ("http://a\r\nX: 1", ""), ("http://a b", ""), ("file", "")],
)  # fmt: skip
def test_the_origin_of_a_page(origin, page):
    assert page_origin((("Origin", origin),)) == page


def test_what_is_a_preflight():
    assert is_preflight("OPTIONS", ASKS)
    assert not is_preflight("GET", ASKS)
    assert not is_preflight("OPTIONS", ASKS[:1])
    assert not is_preflight("OPTIONS", ASKS[1:])


def test_a_preflight_is_allowed_what_it_asks_for():
    asked = (("Access-Control-Request-Headers", "content-type, last-event-id"),)
    assert dict(preflight_headers((*ASKS, *asked))) == {
        "Access-Control-Allow-Methods": "PUT",
        "Access-Control-Allow-Headers": "content-type, last-event-id",
        "Access-Control-Max-Age": "600",
        "Access-Control-Allow-Origin": PAGE,
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin",
    }


def test_what_is_no_list_of_names_is_not_reflected():
    found = preflight_headers((*ASKS, ("Access-Control-Request-Headers", "a\r\nX-Evil: 1")))
    assert "Access-Control-Allow-Headers" not in dict(found)


def test_a_page_reads_the_headers_of_a_response():
    recorded = (
        ("Content-Type", "text/plain"),
        ("X-Request-Id", "1"),
        ("access-control-allow-origin", "https://recorded.example"),
        ("Access-Control-Expose-Headers", "X-Old"),
        ("Set-Cookie", "a=b"),
        ("Vary", "Accept"),
    )
    assert readable_by(recorded, PAGE) == (
        ("Content-Type", "text/plain"),
        ("X-Request-Id", "1"),
        ("Set-Cookie", "a=b"),
        ("Vary", "Accept"),
        ("Access-Control-Allow-Origin", PAGE),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", "X-Request-Id"),
        ("Vary", "Origin"),
    )
