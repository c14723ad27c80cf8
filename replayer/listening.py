"""Sockets to listen on, and how many connections this process can have."""

from __future__ import annotations

import ipaddress
import os
import socket

from tornado.netutil import bind_sockets

from cassettes.errors import ServerError

BACKLOG = 1024
"""Connections that wait to be accepted: a load test opens a thousand at once."""

RESERVED = 64
"""File descriptors that are not for connections: cassettes, listeners, the loop, output."""

type Address = tuple[str, int]
"""A host and a port; port 0 is a free one."""


def listen(address: Address, option: str) -> list[socket.socket]:
    """Bind and listen; raises ServerError that names the option to change."""
    host, port = address
    try:
        return bind_sockets(port, host, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ServerError(
            f"cannot listen on {host}:{port}: {reason}; choose another address with {option}"
        ) from None


def port_of(sockets: list[socket.socket]) -> int:
    """The port that all of them listen on."""
    port = sockets[0].getsockname()[1]
    assert isinstance(port, int)
    return port


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def connections_possible(wanted: int) -> int:
    """How many connections this process may have open, up to `wanted`; raises its limit as far as it can."""
    if os.name != "posix":
        return wanted
    import resource  # noqa: PLC0415 - POSIX only

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted + RESERVED:
        soft = wanted + RESERVED if hard == resource.RLIM_INFINITY else min(wanted + RESERVED, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else min(wanted, max(1, soft - RESERVED))
