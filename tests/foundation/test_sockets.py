from __future__ import annotations

import socket

import pytest

from foundation import sockets
from foundation.sockets import bind, is_loopback, port_of


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_every_address_of_a_name_has_the_same_port(host):
    sockets = bind(host, 0)
    assert {one.getsockname()[1] for one in sockets} == {port_of(sockets)}
    with socket.create_connection((host, port_of(sockets)), timeout=10):
        pass
    for one in sockets:
        one.close()


def test_an_address_that_this_machine_lacks_is_left_out(monkeypatch):
    # As "localhost" is on a machine without IPv6.
    lacking = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))
    own = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: [lacking, own])
    (one,) = bind("localhost", 0)
    assert one.getsockname()[0] == "127.0.0.1"
    one.close()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False),  # noqa: S104 - only named
     ("::", False), ("192.0.2.1", False), ("localhost.example", False)],
)  # fmt: skip
def test_loopback(host, loopback):
    assert is_loopback(host) is loopback


@pytest.mark.skipif(sockets.os.name != "posix", reason="POSIX limits")
def test_the_limit_of_open_files_bounds_the_connections(monkeypatch):
    import resource  # noqa: PLC0415 - POSIX only

    limits = {"now": (100, 1000)}
    monkeypatch.setattr(resource, "getrlimit", lambda _which: limits["now"])
    monkeypatch.setattr(resource, "setrlimit", lambda _which, new: limits.update(now=new))
    assert sockets.connections_possible(20) == 20
    assert limits["now"] == (100, 1000)
    assert sockets.connections_possible(500) == 500
    assert limits["now"] == (500 + sockets.RESERVED, 1000)
    assert sockets.connections_possible(5000) == 1000 - sockets.RESERVED
    assert limits["now"] == (1000, 1000)
    limits["now"] = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    assert sockets.connections_possible(5000) == 5000
