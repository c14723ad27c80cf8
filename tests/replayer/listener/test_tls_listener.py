"""The replay listener over TLS: what a client gets is what it gets without."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct

import pytest
import trustme

from foundation.sockets import server_context
from replayer.responder import Pace

AUTHORITY = trustme.CA()
TEXT = b"0123456789abcdef" * 20_000


@pytest.fixture(scope="module")
def context() -> ssl.SSLContext:
    made = server_context()
    AUTHORITY.issue_cert("localhost", "127.0.0.1").configure_cert(made)
    return made


@pytest.fixture(scope="module")
def trusting() -> ssl.SSLContext:
    made = ssl.create_default_context()
    AUTHORITY.configure_trust(made)
    made.set_alpn_protocols(["h2", "http/1.1"])
    return made


@contextlib.contextmanager
def connected(server, trusting):
    with (
        server.connect() as plain,
        trusting.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False) as secure,
    ):
        yield secure


def ask(server, trusting, request):
    with connected(server, trusting) as secure:
        secure.sendall(request)
        received = b""
        while data := secure.recv(65536):
            received += data
        return received


def get(path="/s", *headers):
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: h", *headers, "", ""]).encode()


CLOSE = "Connection: close"


def test_an_answer_is_that_of_plain_http(replay, make_exchange, context, trusting):
    chunks = [(0, b"one"), (5, TEXT), (9, b"three")]
    request = get("/s", CLOSE)
    plain = replay(make_exchange(chunks)).ask(request)
    assert ask(replay(make_exchange(chunks), tls=context), trusting, request) == plain


def test_requests_may_be_pipelined_and_split(replay, make_exchange, context, trusting):
    server = replay(
        make_exchange([(0, b"a")], (("Content-Length", "1"),), url="http://bot/a"),
        make_exchange([(0, b"b")], (("Content-Length", "1"),), url="http://bot/b"),
        tls=context,
    )
    with connected(server, trusting) as secure:
        assert secure.selected_alpn_protocol() == "http/1.1"
        stream = get("/a") + get("/b") + get("/a", CLOSE)
        for begin in range(0, len(stream), 7):
            secure.sendall(stream[begin : begin + 7])
        received = b""
        while data := secure.recv(65536):
            received += data
    assert [part[-1:] for part in received.split(b"HTTP/1.1 200 OK")[1:]] == [b"a", b"b", b"a"]


def test_each_chunk_comes_when_it_is_due(replay, make_exchange, context, trusting):
    chunks = [(0, b"first"), (3_600_000_000, b"last")]
    with connected(replay(make_exchange(chunks), tls=context, pace=Pace()), trusting) as secure:
        secure.sendall(get())
        received = b""
        while not received.endswith(b"5\r\nfirst\r\n"):
            received += secure.recv(100)


def test_urls_and_cookies_stay_secure(replay, make_exchange, context, trusting):
    headers = (
        ("Location", "https://bot.example/next"),
        ("Set-Cookie", "a=b; Secure; Domain=bot.example; SameSite=None"),
        ("Content-Length", "0"),
    )
    server = replay(make_exchange((), headers, url="https://bot.example/s"), tls=context)
    head = ask(server, trusting, get("/s", CLOSE))
    assert b"\r\nLocation: https://h/next\r\n" in head
    assert b"\r\nSet-Cookie: a=b; Secure; SameSite=None\r\n" in head


def test_a_response_that_is_reset_is_reset(replay, make_exchange, context, trusting):
    server = replay(make_exchange([(0, b"a")], how="reset"), tls=context)
    with pytest.raises((ConnectionResetError, ssl.SSLError)):
        ask(server, trusting, get())


def test_what_is_no_tls_ends_and_others_are_served(replay, make_exchange, context, trusting):
    server = replay(make_exchange([(0, b"a")], (("Content-Length", "1"),)), tls=context)
    with server.connect() as plain:
        plain.sendall(get())
        with contextlib.suppress(ConnectionResetError):
            while plain.recv(100):
                pass
    with server.connect() as distrusting, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(distrusting, server_hostname="localhost")
    with server.connect() as gone:
        gone.sendall(b"\x16\x03\x01")
        gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert ask(server, trusting, get("/s", CLOSE)).endswith(b"a")
