"""Opens listening sockets, and raises the number of connections that this process can have."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
import ssl

from foundation.errors import ServerError

BACKLOG = 1024
"""Connections that may wait to be accepted; a load test opens a thousand at once."""

RESERVED = 64
"""File descriptors that are kept for cassettes, listeners, the event loop and output."""

type Address = tuple[str, int]
"""A host and a port; with port 0, the system chooses a free one."""


def reachable(address: Address) -> Address:
    """Return where this machine itself reaches a listener: on loopback, where it listens on all addresses."""
    host, port = address
    try:
        unspecified = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return address
    return ("::1" if ":" in host else "127.0.0.1", port) if unspecified else address


def server_context() -> ssl.SSLContext:
    """Return a TLS context of a server that speaks HTTP/1.1, and says so by ALPN (RFC 7301)."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    return context


def listen(address: Address, option: str) -> list[socket.socket]:
    """Return sockets that listen on an address; raises a ServerError that names the `option` to change."""
    host, port = address
    try:
        return bind(host, port)
    except (OSError, UnicodeError) as error:
        raise ServerError(
            f"cannot listen on {host}:{port}: {reason(error)}; choose another address with {option}"
        ) from None


def reason(error: OSError | UnicodeError) -> str:
    """Return the reason of an error without the address, which Python adds to its text."""
    match error:
        case socket.gaierror():
            return str(error.strerror)
        case OSError(errno=int(number)):
            return os.strerror(number)
        case _:
            return str(error)


def bind(host: str, port: int) -> list[socket.socket]:
    """Return a listening socket for every address of a host name, all with the same port.

    An address that this machine lacks, as ::1 of "localhost" where IPv6 is off, is left out as long as another one
    works. Raises OSError when none works, or when an address is in use.
    """
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
                unavailable = error
                continue
            undo.callback(own.close)
            own.setblocking(False)
            sockets.append(own)
        if unavailable is not None and not sockets:
            raise unavailable
        undo.pop_all()
    return sockets


def port_of(sockets: list[socket.socket]) -> int:
    """Return the port that all of these sockets listen on."""
    port = sockets[0].getsockname()[1]
    assert isinstance(port, int)
    return port


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach the host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def leads_to(address: Address, host: str, port: int) -> bool:
    """Return whether a client that asks for this host and port gets to the listener on `address`."""
    listening = address[0]
    on_loopback = is_loopback(listening) or listening in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    return port == address[1] and (listening == host or (on_loopback and is_loopback(host)))


def connections_possible(wanted: int) -> int:
    """Raise this process's limit of open files as needed; returns how many connections fit, at most `wanted`."""
    if os.name != "posix":
        return wanted
    import resource  # noqa: PLC0415 - POSIX only

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted + RESERVED:
        soft = wanted + RESERVED if hard == resource.RLIM_INFINITY else min(wanted + RESERVED, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else min(wanted, max(1, soft - RESERVED))
