"""Who may ask the admin listener."""

from __future__ import annotations

import hmac
from http import HTTPStatus

import msgspec
from tornado.httputil import HTTPServerRequest

from foundation.errors import UsageError
from foundation.sockets import is_loopback


class Guard(msgspec.Struct, frozen=True):
    """Who may ask: holders of the token when there is one, and on loopback no page of a browser but our own.

    `hosts` are the names, with the port, that a request on loopback may be for; empty elsewhere.
    """

    token: str
    hosts: frozenset[str]

    def refusal(self, request: HTTPServerRequest) -> HTTPStatus | None:
        """The status that the request is refused with."""
        if self.hosts and not self._is_for_us(request):
            return HTTPStatus.FORBIDDEN
        if self.token and not self._has_token(request):
            return HTTPStatus.UNAUTHORIZED
        return None

    def _is_for_us(self, request: HTTPServerRequest) -> bool:
        """Whether the host is ours (else a name was bound to our address) and so is the page that asks."""
        origin = request.headers.get("Origin")
        ours = {f"http://{host}" for host in self.hosts}
        return request.headers.get("Host", "").lower() in self.hosts and (origin is None or origin in ours)

    def _has_token(self, request: HTTPServerRequest) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        given = token.strip().encode("utf-8", "surrogateescape")
        return scheme.lower() == "bearer" and hmac.compare_digest(given, self.token.encode())


def check_token(host: str, token: str) -> None:
    """Refuse to serve others than this machine without a token; raises UsageError."""
    if not is_loopback(host) and not token:
        raise UsageError(
            f"the admin listener on {host} needs a token: give --admin-token, set CHATREEL_ADMIN_TOKEN,"
            " keep it on 127.0.0.1, or turn it off with --admin off"
        )


def guard(host: str, port: int, token: str) -> Guard:
    """The guard of a listener on this address."""
    if not is_loopback(host):
        return Guard(token, frozenset())
    names = {"localhost", "127.0.0.1", "[::1]", f"[{host}]" if ":" in host else host}
    hosts = {f"{name}:{port}" for name in names}
    return Guard(token, frozenset(hosts | names if port == 80 else hosts))
