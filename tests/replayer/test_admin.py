from __future__ import annotations

import json
import socket

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest

from cassettes.errors import UsageError
from replayer import listening
from replayer.admin.guard import Guard, check_token, guard

TOKEN = "open sesame"
ANY_PORT = ("127.0.0.1", 0)


def refusal(our_guard, **headers):
    named = HTTPHeaders({name.replace("_", "-"): value for name, value in headers.items()})
    return our_guard.refusal(HTTPServerRequest(method="GET", uri="/", headers=named))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "127.0.0.1:5001"}, None),
        ({"Host": "LOCALHOST:5001"}, None),
        ({"Host": "[::1]:5001"}, None),
        ({"Host": "127.0.0.1:5001", "Origin": "http://localhost:5001"}, None),
        ({}, 403),
        ({"Host": "127.0.0.1"}, 403),
        ({"Host": "127.0.0.1:5000"}, 403),
        ({"Host": "rebound.example:5001"}, 403),
        ({"Host": "127.0.0.1:5001", "Origin": "https://evil.example"}, 403),
        ({"Host": "127.0.0.1:5001", "Origin": "http://localhost:3000"}, 403),
        ({"Host": "127.0.0.1:5001", "Origin": "null"}, 403),
    ],
)
def test_on_loopback_no_foreign_page_may_ask(headers, status):
    assert refusal(guard("127.0.0.1", 5001, ""), **headers) == status


def test_port_80_needs_no_mention():
    assert refusal(guard("127.0.0.1", 80, ""), Host="localhost") is None
    assert refusal(guard("::1", 80, ""), Host="[::1]:80") is None


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {TOKEN}", None),
        (f"bearer  {TOKEN} ", None),
        (f"Basic {TOKEN}", 401),
        (TOKEN, 401),
        ("Bearer", 401),
        ("Bearer open sesam\u00e9", 401),
        ("", 401),
    ],
)
@pytest.mark.parametrize("host", ["192.0.2.1", "bot.example"])
def test_elsewhere_it_takes_the_token_and_any_host(host, authorization, status):
    assert refusal(guard(host, 5001, TOKEN), Host="any", Authorization=authorization) == status


def test_a_token_that_is_set_holds_on_loopback_too():
    assert refusal(guard("127.0.0.1", 5001, TOKEN), Host="127.0.0.1:5001") == 401
    assert guard("127.0.0.1", 5001, TOKEN).hosts
    assert Guard("", frozenset()).refusal(HTTPServerRequest(method="GET", uri="/")) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "bot.example"])  # noqa: S104 - nothing listens
def test_others_are_not_served_without_a_token(host):
    with pytest.raises(UsageError, match="CHATREEL_ADMIN_TOKEN"):
        check_token(host, "")
    check_token(host, TOKEN)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_on_loopback_no_token_is_needed(host):
    check_token(host, "")


def ask(server, request):
    with socket.create_connection(server.admin_address, timeout=10) as connection:
        connection.sendall(request.format(*server.admin_address).encode())
        head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
        return int(head.split()[1]), head, json.loads(body)


REST = " HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("request_text", "status", "error"),
    [
        ("GET /health" + REST + "\r\n", 200, None),
        ("GET /" + REST + "\r\n", 404, "Not Found"),
        ("GET /health/x" + REST + "\r\n", 404, "Not Found"),
        ("POST /health" + REST + "Content-Length: 0\r\n\r\n", 405, "Method Not Allowed"),
        ("GET /health" + REST + "Origin: http://evil.example\r\n\r\n", 403, "Forbidden"),
        ("GET /nothing" + REST + "Origin: http://evil.example\r\n\r\n", 403, "Forbidden"),
    ],
)
def test_the_pages(replay, capfd, request_text, status, error):
    found, head, body = ask(replay(admin=ANY_PORT), request_text)
    assert (found, body.get("error")) == (status, error)
    assert b"X-Content-Type-Options: nosniff" in head
    assert capfd.readouterr() == ("", "")


def test_a_token_is_asked_for(replay):
    server = replay(admin=ANY_PORT, admin_token=TOKEN)
    status, head, _ = ask(server, "GET /health" + REST + "\r\n")
    assert status == 401
    assert b"www-authenticate: bearer" in head.lower()
    assert ask(server, "GET /health" + REST + f"Authorization: Bearer {TOKEN}\r\n\r\n")[0] == 200


def test_no_admin_listener(replay):
    assert replay(admin=None).admin_address is None


@pytest.mark.skipif(listening.os.name != "posix", reason="POSIX limits")
def test_the_limit_of_open_files_bounds_the_connections(monkeypatch):
    import resource  # noqa: PLC0415 - POSIX only

    limits = {"now": (100, 1000)}
    monkeypatch.setattr(resource, "getrlimit", lambda _which: limits["now"])
    monkeypatch.setattr(resource, "setrlimit", lambda _which, new: limits.update(now=new))
    assert listening.connections_possible(20) == 20
    assert limits["now"] == (100, 1000)
    assert listening.connections_possible(500) == 500
    assert limits["now"] == (500 + listening.RESERVED, 1000)
    assert listening.connections_possible(5000) == 1000 - listening.RESERVED
    assert limits["now"] == (1000, 1000)
    limits["now"] = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    assert listening.connections_possible(5000) == 5000
