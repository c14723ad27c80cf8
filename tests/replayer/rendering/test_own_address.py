from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.model import Chunk, End, Exchange, Request, Response
from foundation.http.headers import values
from replayer.rendering.own_address import with_own_address
from replayer.rendering.own_cookies import ClientAddress

RECORDED = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
ELSEWHERE = ClientAddress("http://127.0.0.1:7000", RECORDED + dt.timedelta(days=400), RECORDED)


def exchange(pieces, headers, url="http://bot.example:5000/a"):
    return Exchange(
        number=0,
        request=Request(exchange=0, at=0, method="GET", url=url, http="1.1", headers=()),
        response=Response(exchange=0, at=1, status=200, reason="OK", headers=headers),
        chunks=tuple(Chunk(exchange=0, at=2 + n, data=piece) for n, piece in enumerate(pieces)),
        end=End(exchange=0, at=9, how="complete"),
    )


@pytest.mark.parametrize(
    ("cookie", "mended"),
    [
        ("s=1; Domain=bot.example; Path=/; Secure; HttpOnly", "s=1; Path=/; HttpOnly"),
        ("s=1; SameSite=None; Secure", "s=1"),
        ("s=1; SameSite=Lax; Max-Age=60", "s=1; SameSite=Lax; Max-Age=60"),
        ("s=1; Expires=Sun, 29 Nov 2026 12:00:00 GMT; Path=/", "s=1; Expires=Mon, 03 Jan 2028 12:00:00 GMT; Path=/"),
        ("s=1; expires=Sun, 29-Nov-2026 12:00:00 GMT", "s=1; expires=Mon, 03 Jan 2028 12:00:00 GMT"),
        ("s=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; a", "s=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; a"),
        ("s=; Expires=Sun, 22 Nov 2026 11:59:59 GMT", "s=; Expires=Sun, 22 Nov 2026 11:59:59 GMT"),
        ("s=1; Expires=whenever", "s=1; Expires=whenever"),
        ("s=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT", "s=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT"),
        ("s=expires=Sun, 29 Nov 2026 12:00:00 GMT", "s=expires=Sun, 29 Nov 2026 12:00:00 GMT"),
    ],
)  # fmt: skip
def test_cookies_live_as_long_as_they_did(cookie, mended):
    found = with_own_address(exchange([], (("Set-Cookie", cookie), ("set-cookie", cookie))), ELSEWHERE)
    assert values(found.response.headers, "set-cookie") == [mended, mended]


def test_absolute_urls_of_the_upstream_lead_here_and_others_stay():
    body = b'{"url": "http://bot.example:5000/jobs/1", "b": "http://bot.example/x", "a":"http:\\/\\/bot.example:5000"}'
    headers = (
        ("Content-Type", "application/json"),
        ("Location", "http://BOT.example:5000/jobs/1"),
        ("Content-Length", str(len(body))),
    )
    mended = with_own_address(exchange([body], headers), ELSEWHERE)
    expected = body.replace(b"http://bot.example:5000", b"http://127.0.0.1:7000")
    expected = expected.replace(b"http:\\/\\/bot.example:5000", b"http:\\/\\/127.0.0.1:7000")
    assert mended.body == expected
    assert mended.response.headers == (
        headers[0],
        ("Location", "http://127.0.0.1:7000/jobs/1"),
        ("Content-Length", str(len(expected))),
    )


@given(st.lists(st.integers(0, 60), max_size=6))
def test_a_url_is_found_however_chunks_are_cut(places):
    body = b"data: http://bot.example:5000/jobs/1 and more of it\n\n......."
    pieces = [body[start:stop] for start, stop in itertools.pairwise([0, *sorted(places), len(body)])]
    mended = with_own_address(exchange(pieces, (("Content-Type", "text/event-stream"),)), ELSEWHERE)
    assert mended.body == body.replace(b"bot.example:5000", b"127.0.0.1:7000")
    assert [chunk.at for chunk in mended.chunks] == [2 + n for n in range(len(pieces))]


def test_a_body_that_is_no_text_stays():
    recorded = exchange([b"http://bot.example:5000/"], (("Content-Type", "image/png"),))
    assert with_own_address(recorded, ELSEWHERE) is recorded


@pytest.mark.parametrize("url", ["http://[broken", "/a", "", "ftp://h/a", "http:///a", "http://h:99999/a"])
def test_what_is_recorded_from_nowhere_has_its_cookies_mended(url):
    headers = (("Content-Type", "text/plain"), ("Set-Cookie", "s=1; Secure"))
    mended = with_own_address(exchange([b"http://h/a"], headers, url), ELSEWHERE)
    assert mended.response.headers[1] == ("Set-Cookie", "s=1")
    assert mended.body == b"http://h/a"


def test_nothing_to_mend_is_the_very_same():
    recorded = exchange([b"{}"], (("Content-Type", "application/json"), ("Set-Cookie", "s=1; Path=/")))
    assert with_own_address(recorded, ELSEWHERE) is recorded
    lone = Exchange(number=0, request=recorded.request, response=None, chunks=(), end=recorded.end)
    assert with_own_address(lone, ELSEWHERE) is lone
