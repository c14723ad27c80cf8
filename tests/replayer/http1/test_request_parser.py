from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.http1.incoming import Incoming
from replayer.http1.limits import Bounds
from replayer.http1.refusal import Refusal
from replayer.http1.request_parser import RequestParser

BOUNDS = Bounds(head=500, body=1000)

REQUESTS = (
    b"GET /a?x=1&y HTTP/1.1\r\nHost: h:1\r\nX-Odd: \xe9\r\n\r\n"
    b"\r\nPOST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
    b"POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n"
    b"GET http://other:2/d HTTP/1.1\r\nHost: other:2\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
    b"OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    b"GET /never HTTP/1.1\r\nHost: h\r\n\r\n"
)


def feed(*parts, bounds=BOUNDS):
    parser = RequestParser(bounds)
    return [item for part in parts for item in parser.feed(part, 7)], parser


def test_requests_in_the_order_of_their_arrival():
    items, parser = feed(REQUESTS)
    requests = [item.request for item in items]
    assert [(r.method, r.url, r.body) for r in requests] == [
        ("GET", "http://h:1/a?x=1&y", b""),
        ("POST", "http://h/b", b"hello"),
        ("POST", "http://h/c", b"abcde"),
        ("GET", "http://other:2/d", b""),
        ("OPTIONS", "*", b""),
    ]
    assert requests[0].headers == (("Host", "h:1"), ("X-Odd", "\xe9"))
    assert requests[2].headers == (("Host", "h"), ("Transfer-Encoding", "chunked"))
    assert {r.at for r in requests} == {7}
    assert [item.keep_alive for item in items] == [True, True, True, True, False]
    assert parser.finished
    assert parser.completed == 5


@given(st.lists(st.integers(1, len(REQUESTS) - 1), max_size=12))
def test_any_split_gives_the_same(cuts):
    edges = [0, *sorted(cuts), len(REQUESTS)]
    parts = [REQUESTS[a:b] for a, b in pairwise(edges)]
    assert feed(*parts)[0] == feed(REQUESTS)[0]


def test_byte_by_byte_gives_the_same():
    assert feed(*(REQUESTS[n : n + 1] for n in range(len(REQUESTS))))[0] == feed(REQUESTS)[0]


@pytest.mark.parametrize(
    ("head", "client", "keep_alive"),
    [
        (b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "1.1", True),
        (b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "1.1", False),
        (b"GET / HTTP/1.0\r\n\r\n", "1.0", False),
        (b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "1.0 keep-alive", True),
    ],
)
def test_what_the_client_expects_of_the_connection(head, client, keep_alive):
    ((item,), _) = feed(head)
    assert isinstance(item, Incoming)
    assert (item.client.version, item.keep_alive) == (client, keep_alive)


POST = b"POST / HTTP/1.1\r\nHost: h\r\n"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01", 400),
        (b"nonsense\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 505),
        (b"GET / HTTP/0.9\r\n\r\n", 505),
        (b"GET / HTTP/3.7\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        (b"GET /\x00 HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        (b"G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: h/x?y\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\n folded: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400),
        (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n", 400),
        (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n", 400),
        (POST + b"Content-Length: -2\r\n\r\n", 400),
        (POST + b"Content-Length: 2, 2\r\n\r\n", 400),
        (POST + b"Content-Length: 99999999999999999999999999\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: gzip\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked, identity\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", 501),
        (b"GET /" + b"a" * 600, 431),
        (b"GET /" + b"a" * 480 + b" HTTP/1.1\r\nHost: h\r\nX: 34567890123\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * 600, 431),
        (b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X: a\r\n" * 100, 431),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: a\r\n" * 100, 431),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n2;" + b"e" * 20_000, 431),
        (POST + b"Content-Length: 1001\r\n\r\n", 413),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n3e8\r\n" + b"a" * 1000 + b"\r\n1\r\na", 413),
    ],
)
@pytest.mark.parametrize("size", [1, 100, 10_000])
def test_what_is_no_request_is_refused_once_and_the_rest_ignored(data, status, size):
    good = b"GET /first HTTP/1.1\r\nHost: h\r\n\r\n"
    stream = good + data + b"\r\n\r\n" + good
    items, parser = feed(*(stream[n : n + size] for n in range(0, len(stream), size)))
    assert [type(item) for item in items] == [Incoming, Refusal]
    assert items[1].status == status
    assert parser.finished
    assert "\n" not in items[1].error


def test_what_is_just_within_the_bounds_is_taken():
    items, _ = feed(
        b"GET /" + b"a" * 400 + b" HTTP/1.1\r\nHost: h\r\n\r\n", POST + b"Content-Length: 1000\r\n\r\n"
    )
    assert len(items) == 1
    items, _ = feed(POST + b"Content-Length: 1000\r\n\r\n", b"a" * 1000)
    assert len(items[0].request.body) == 1000


def test_a_body_in_tiny_chunks_is_no_attack():
    chunks = b"1\r\na\r\n" * 900
    items, _ = feed(POST + b"Transfer-Encoding: chunked\r\n\r\n", chunks, b"0\r\n\r\n")
    assert items[0].request.body == b"a" * 900


@pytest.mark.parametrize(
    ("data", "waits"),
    [
        (POST + b"Expect: 100-Continue\r\nContent-Length: 3\r\n\r\n", True),
        (POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\na", False),
        (POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc", False),
        (POST + b"Expect: 100-continue\r\nContent-Length: 0\r\n\r\n", False),
        (POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n", False),
        (POST + b"Content-Length: 3\r\n\r\n", False),
        (b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", False),
        (POST + b"Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n", False),
    ],
)
def test_who_waits_for_100_continue(data, waits):
    assert feed(data)[1].awaits_continue is waits


def test_between_requests_the_parser_holds_no_llhttp():
    _, parser = feed(POST + b"Content-Length: 3\r\n\r\nab")
    assert parser.in_request
    parser.feed(b"c", 8)
    assert not parser.in_request
    assert parser._llhttp is None


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_give_requests_or_one_refusal(data, size):
    items, _ = feed(*(data[n : n + size] for n in range(0, len(data), size)))
    assert all(isinstance(item, Incoming) for item in items[:-1])


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_an_offer_of_another_protocol_is_ignored_and_its_body_is_read(size, version):
    post = POST.replace(b"1.1", version) + b"Connection: keep-alive, Upgrade, HTTP2-Settings\r\n"
    offer = b"Upgrade: h2c\r\nHTTP2-Settings: AAM\r\n"
    stream = post + offer + b"Content-Length: 5\r\n\r\nhello" + post + offer + b"\r\n"
    stream += b"GET /next HTTP/1.1\r\nHost: h\r\n\r\n"
    items, _ = feed(*(stream[n : n + size] for n in range(0, len(stream), size)))
    assert [item.request.body for item in items] == [b"hello", b"", b""]
    assert [item.request.http for item in items] == [version.decode()] * 2 + ["1.1"]
    assert ("Upgrade", "h2c") in items[0].request.headers
    assert items[2].request.url == "http://h/next"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_offer_with_a_chunked_body(size):
    stream = (
        POST
        + b"upgrade: a\r\nConnection: upgrade\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"9\r\nwo\r\n\r\nrld\r\n0\r\nX: t\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n"
    )
    items, _ = feed(*(stream[n : n + size] for n in range(0, len(stream), size)))
    assert [(item.request.url, item.request.body) for item in items] == [
        ("http://h/", b"wo\r\n\r\nrld"),
        ("http://h/next", b""),
    ]


@pytest.mark.parametrize(
    ("head", "method", "url"),
    [
        (b"BREW /pot HTTP/1.1\r\nHost: h", "BREW", "http://h/pot"),
        (b"m-search * HTTP/1.1\r\nHost: h", "m-search", "*"),
        (b"QUERY /a HTTP/1.1\r\nHost:\th \t", "QUERY", "http://h/a"),
        (b"GET /caf\xc3\xa9?q=\xff HTTP/1.1\r\nHost: h", "GET", "http://h/caf%C3%A9?q=%FF"),
        (b'GET /a|b"<>{}^`\\[] HTTP/1.1\r\nHost: h', "GET", 'http://h/a|b"<>{}^`\\[]'),
        (b"GET http://o/\xe2\x82\xac HTTP/1.1\r\nHost: o", "GET", "http://o/%E2%82%AC"),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_a_recorder_takes_is_taken(head, method, url, size):
    stream = head + b"\r\n\r\n" + head + b"\r\nContent-Length: 2\r\n\r\nok"
    items, _ = feed(*(stream[n : n + size] for n in range(0, len(stream), size)))
    assert [(item.request.method, item.request.url, item.request.body) for item in items] == [
        (method, url, b""),
        (method, url, b"ok"),
    ]


def test_tls_is_refused_before_a_line_has_ended():
    ((refusal,), _) = feed(b"\x16\x03\x01\x02\x00")
    assert refusal.status == 400
