"""Sockets to listen on, and how many connections this process can have."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket

from foundation.errors import ServerError

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
        return bind(host, port)
    except (OSError, UnicodeError) as error:
        raise ServerError(
            f"cannot listen on {host}:{port}: {reason(error)}; choose another address with {option}"
        ) from None


def reason(error: OSError | UnicodeError) -> str:
    """Why, without the address, which Python repeats."""
    match error:
        case socket.gaierror():
            return str(error.strerror)
        case OSError(errno=int(number)):
            return os.strerror(number)
        case _:
            return str(error)


def bind(host: str, port: int) -> list[socket.socket]:
    """Listen on every address that a host name stands for, all on one port."""
    sockets: list[socket.socket] = []
    unavailable: OSError | None = None
    with contextlib.ExitStack() as undo:
        for family, _, _, _, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            own_port = port_of(sockets) if sockets else port
            try:
                own = socket.create_server((where[0], own_port), family=family, backlog=BACKLOG)
            except OSError as error:
                if error.errno != errno.EADDRNOTAVAIL:
                    raise
                unavailable = error  # as "localhost" is on IPv6 where that is off
                continue
            undo.callback(own.close)
            own.setblocking(False)
            sockets.append(own)
        if unavailable is not None and not sockets:
            raise unavailable
        undo.pop_all()
    return sockets


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
