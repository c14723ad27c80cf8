from __future__ import annotations

import gzip
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.url_rewriting import BodyForwarder, BodyRewriter, UrlRewriter, local_cookie

UPSTREAM = "http://chat.example.org"
PROXY = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("upstream", "text", "expected"),
    [
        (UPSTREAM, "http://chat.example.org/jobs/1", "http://127.0.0.1:8080/jobs/1"),
        (UPSTREAM, "http://chat.example.org", "http://127.0.0.1:8080"),
        (UPSTREAM, "http://chat.example.org:80/x", "http://127.0.0.1:8080/x"),
        (UPSTREAM, "see http://chat.example.org. Or", "see http://127.0.0.1:8080. Or"),
        (UPSTREAM, "at http://chat.example.org: it", "at http://127.0.0.1:8080: it"),
        (UPSTREAM, "HTTP://Chat.Example.ORG/A", "http://127.0.0.1:8080/A"),
        (UPSTREAM, r"http:\/\/chat.example.org\/x", r"http:\/\/127.0.0.1:8080\/x"),
        (UPSTREAM, "?to=http://chat.example.org&x=http://chat.example.org", f"?to={PROXY}&x={PROXY}"),
        ("https://chat.example.org", "https://chat.example.org:443/x", "http://127.0.0.1:8080/x"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000/x", "http://127.0.0.1:8080/x"),
        ("http://[::1]:5000", "http://[::1]:5000/x", "http://127.0.0.1:8080/x"),
        ("http://[::1]", "http://[::1]/x http://[::1]:80/y", f"{PROXY}/x {PROXY}/y"),
        (UPSTREAM, "https://chat.example.org/x https://chat.example.org:443/y", f"{PROXY}/x {PROXY}/y"),
        ("https://chat.example.org", "http://chat.example.org/x", f"{PROXY}/x"),
        ("http://127.0.0.1:5000", "https://127.0.0.1:5000/x", f"{PROXY}/x"),
        (UPSTREAM, '<a href="//chat.example.org/x">', '<a href="//127.0.0.1:8080/x">'),
        (UPSTREAM, "//chat.example.org:80/x", "//127.0.0.1:8080/x"),
        (UPSTREAM, r'"\/\/chat.example.org\/x"', r'"\/\/127.0.0.1:8080\/x"'),
        (
            UPSTREAM,
            r'"https:\u002F\u002Fchat.example.org\u002Fx"',
            r'"http:\u002f\u002f127.0.0.1:8080\u002Fx"',
        ),
        (UPSTREAM, "/go?to=http%3A%2F%2Fchat.example.org%2Fx", "/go?to=http%3A%2F%2F127.0.0.1%3A8080%2Fx"),
        (UPSTREAM, "?to=https%3a%2f%2fchat.example.org%3a443&x", "?to=http%3A%2F%2F127.0.0.1%3A8080&x"),
        (UPSTREAM, "?to=%2F%2Fchat.example.org%2Fx", "?to=%2F%2F127.0.0.1%3A8080%2Fx"),
        (
            "http://[::1]:5000",
            "?to=http%3A%2F%2F%5B%3A%3A1%5D%3A5000%2F",
            "?to=http%3A%2F%2F127.0.0.1%3A8080%2F",
        ),
        (UPSTREAM, '"wss://chat.example.org/ws"', '"ws://127.0.0.1:8080/ws"'),
    ],
)
def test_urls_of_the_upstream_lead_to_the_proxy(upstream, text, expected):
    assert UrlRewriter(upstream, PROXY).rewrite(text.encode()) == expected.encode()


@pytest.mark.parametrize(
    ("upstream", "text"),
    [
        (UPSTREAM, "http://chat.example.org:8080/"),
        (UPSTREAM, "http://chat.example.org:800/"),
        (UPSTREAM, "http://chat.example.organic/"),
        (UPSTREAM, "http://chat.example.org.evil.example/"),
        (UPSTREAM, "http://chat.example.org-evil.example/"),
        (UPSTREAM, "http://chat.example.org@evil.example/"),
        (UPSTREAM, "http://other.example.org/"),
        (UPSTREAM, "http://chatXexample.org/"),
        (UPSTREAM, "https://chat.example.org:80/ http://chat.example.org:443/"),
        (UPSTREAM, "chat.example.org"),
        (
            UPSTREAM,
            "ftp://chat.example.org/ news://chat.example.org/ /a//chat.example.org/ a//chat.example.org",
        ),
        (UPSTREAM, "?to=ftp%3A%2F%2Fchat.example.org&x=http%3A%2F%2Fchat.example.org%3A8080"),
        (UPSTREAM, "http%3A%2F%2Fchat.example.org%40evil.example http%3A%2F%2Fchat.example.org.evil.example"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:50000/ http://127.0.0.1/ http://127.0.0.11:5000/"),
        ("http://[::1]:5000", "http://[::2]:5000/"),
    ],
)
def test_other_origins_stay(upstream, text):
    assert UrlRewriter(upstream, PROXY).rewrite(text.encode()) == text.encode()


# Hosts that look like the beginning of a url are the hardest to cut.
UPSTREAMS = st.sampled_from([UPSTREAM, "http://xhttp", "http://h", "https://hh:5000", "http://[::1]:5000"])


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, bytes]:
    """An upstream, and text that is rich in its url, in parts of it and in what it must not be taken for."""
    upstream = draw(UPSTREAMS)
    parts = st.sampled_from(
        [
            upstream,
            upstream.upper(),
            upstream.replace("/", r"\/"),
            upstream[:-1],
            upstream[:4],
            "h",
            ":80",
            ":8",
            ":443",
            "https:",
            "ws:",
            upstream.partition(":")[2],
            quote(upstream, safe=""),
            "%3A8",
            "%4",
            ".",
            "@",
            "/x",
            "\n\n",
            '"',
            "org",
            "5",
        ]
    )
    return upstream, "".join(draw(st.lists(parts, max_size=12))).encode()


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[begin:end] for begin, end in pairwise(places)]


@given(texts(), st.lists(st.integers(0, 200)))
def test_a_body_in_any_pieces_is_rewritten_as_in_one(text, cuts):
    upstream, data = text
    urls = UrlRewriter(upstream, PROXY)
    body = BodyRewriter(urls)
    assert b"".join([body.feed(piece) for piece in pieces(data, cuts)]) + body.close() == urls.rewrite(data)


@given(st.binary(), st.lists(st.integers(0, 200)))
def test_nothing_changes_without_the_upstreams_url(data, cuts):
    body = BodyRewriter(UrlRewriter("http://127.0.0.1:5000", PROXY))
    assert b"".join([body.feed(piece) for piece in pieces(data, cuts)]) + body.close() == data


@given(texts())
def test_what_is_held_back_may_grow_into_a_url_and_what_is_forwarded_may_not(text):
    upstream, data = text
    urls = UrlRewriter(upstream, PROXY)
    done, held = urls.rewrite_prefix(data)
    assert urls.rewrite(data).startswith(done)
    assert held == b"" or data.endswith(held)
    # Nothing that follows changes what was forwarded.
    assert urls.rewrite(data + b"5x").startswith(done)
    assert urls.rewrite(data + b"/").startswith(done)


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"}", b"\n"])
@given(texts())
def test_nothing_is_held_back_at_the_end_of_an_event(end, text):
    upstream, data = text
    assert UrlRewriter(upstream, PROXY).rewrite_prefix(data + end)[1] == b""


@pytest.mark.parametrize(
    ("cookie", "plain", "secure"),
    [
        ("a=1", "a=1", "a=1"),
        ("a=1; Domain=chat.example.org; Path=/", "a=1; Path=/", "a=1; Path=/"),
        ("a=1; Secure; HttpOnly", "a=1; HttpOnly", "a=1; Secure; HttpOnly"),
        ("a=1;secure;DOMAIN = x", "a=1", "a=1;secure"),
        ("a=1; SameSite=None; Secure", "a=1", "a=1; SameSite=None; Secure"),
        ("a=1; SameSite=None; Secure; Partitioned", "a=1", "a=1; SameSite=None; Secure; Partitioned"),
        ("a=1; SameSite=Lax; Path=/x", "a=1; SameSite=Lax; Path=/x", "a=1; SameSite=Lax; Path=/x"),
        ("secure=1; Max-Age=5", "secure=1; Max-Age=5", "secure=1; Max-Age=5"),
        ("domain; Expires=Mon, 01 Jan 2035 00:00:00 GMT",) * 3,
        ("__Host-a=1; Path=/; Secure", "chatreel_host_a=1; Path=/", "__Host-a=1; Path=/; Secure"),
        ("__secure-a=1; Secure", "chatreel_secure_a=1", "__secure-a=1; Secure"),
    ],
)
def test_cookies_that_a_client_of_the_proxy_sends_back(cookie, plain, secure):
    assert local_cookie(cookie, secure=False) == plain
    assert local_cookie(cookie, secure=True) == secure


def test_headers_keep_their_order_case_and_bytes():
    headers = (
        ("X-b", "caf\xe9"),
        ("Location", f"{UPSTREAM}/next"),
        ("set-cookie", f"back={UPSTREAM}/x; Secure"),
        ("X-b", "2"),
    )
    assert UrlRewriter(UPSTREAM, PROXY).headers(headers, secure=False) == (
        ("X-b", "caf\xe9"),
        ("Location", f"{PROXY}/next"),
        ("set-cookie", f"back={PROXY}/x"),
        ("X-b", "2"),
    )


JSON = ("Content-Type", "application/json; charset=utf-8")


@pytest.mark.parametrize(
    ("headers", "chunked", "expected"),
    [
        ([JSON, ("Content-Length", "9")], True, [JSON, ("Transfer-Encoding", "chunked")]),
        ([JSON, ("Content-Length", "9")], False, [JSON]),
        ([JSON, ("Transfer-Encoding", "chunked")], True, [JSON, ("Transfer-Encoding", "chunked")]),
        ([JSON, ("content-encoding", "br")], True, [JSON]),
        ([JSON], True, [JSON]),
        (
            [
                JSON,
                ("ETag", '"a"'),
                ("Content-MD5", "x"),
                ("Digest", "x"),
                ("Content-Digest", "x"),
                ("etag", 'W/"b"'),
            ],
            True,
            [JSON, ("ETag", 'W/"a"'), ("etag", 'W/"b"')],
        ),
    ],
)
def test_a_body_that_may_change_has_no_length_ahead(headers, chunked, expected):
    urls = UrlRewriter(UPSTREAM, PROXY)
    forwarder = BodyForwarder.of(tuple(headers), urls)
    assert forwarder is not None
    assert forwarder.headers(tuple(headers), chunked=chunked) == tuple(expected)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Content-Type", "application/octet-stream")],
        [("Content-Type", "image/png")],
        [JSON, ("Content-Encoding", "x-unknown")],
        [JSON, ("Content-Encoding", "gzip"), ("Content-Encoding", "x-unknown")],
    ],
)
def test_a_body_that_is_no_text_passes_as_it_is(headers):
    assert BodyForwarder.of(tuple(headers), UrlRewriter(UPSTREAM, PROXY)) is None


def test_an_encoded_body_is_decoded_and_rewritten():
    forwarder = BodyForwarder.of((JSON, ("Content-Encoding", "gzip")), UrlRewriter(UPSTREAM, PROXY))
    assert forwarder is not None
    packed = gzip.compress(b'{"next": "http://chat.example.org/x"}')
    got = b"".join(forwarder.feed(packed[i : i + 1]) for i in range(len(packed))) + forwarder.feed(b"")
    assert got == b'{"next": "http://127.0.0.1:8080/x"}'


def test_a_body_that_is_not_in_its_coding_reaches_the_client_as_it_came():
    forwarder = BodyForwarder.of((JSON, ("Content-Encoding", "gzip")), UrlRewriter(UPSTREAM, PROXY))
    assert forwarder is not None
    assert (
        forwarder.feed(b"no gzip") + forwarder.feed(b", really") + forwarder.feed(b"") == b"no gzip, really"
    )
