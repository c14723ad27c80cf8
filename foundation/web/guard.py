"""Decides which requests the admin listener and the inspector accept."""

from __future__ import annotations

import hmac
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from foundation.errors import UsageError
from foundation.sockets import is_loopback

if TYPE_CHECKING:
    from tornado.httputil import HTTPServerRequest


class Guard(msgspec.Struct, frozen=True):
    """Accepts requests with the bearer token, if one is set, and on loopback none from pages of other origins.

    `hosts` are the values that the `Host` header of a request on loopback may have; it is empty for other addresses.
    Another value means that somebody bound a name of theirs to a loopback address (DNS rebinding).
    """

    token: str
    hosts: frozenset[str]

    def refusal(self, request: HTTPServerRequest) -> HTTPStatus | None:
        """Return the status with which the request is to be refused: 403, 401 or None."""
        if self.hosts and not self._is_same_origin(request):
            return HTTPStatus.FORBIDDEN
        if self.token and not self._has_token(request):
            return HTTPStatus.UNAUTHORIZED
        return None

    def _is_same_origin(self, request: HTTPServerRequest) -> bool:
        """Return whether the host is one of `hosts`, and so is the page that sent the request, if one did."""
        origin = request.headers.get("Origin")
        ours = {f"http://{host}" for host in self.hosts}
        return request.headers.get("Host", "").lower() in self.hosts and (origin is None or origin in ours)

    def _has_token(self, request: HTTPServerRequest) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        given = token.strip().encode("utf-8", "surrogateescape")
        return scheme.lower() == "bearer" and hmac.compare_digest(given, self.token.encode())


def check_token(host: str, token: str) -> None:
    """Raise UsageError when other machines could reach the listener and there is no token."""
    if not is_loopback(host) and not token:
        raise UsageError(
            f"the admin listener on {host} needs a token: give --admin-token, set CHATREEL_ADMIN_TOKEN,"
            " keep it on 127.0.0.1, or turn it off with --admin off"
        )


def guard(host: str, port: int, token: str) -> Guard:
    """Return the guard of a listener on this address."""
    if not is_loopback(host):
        return Guard(token, frozenset())
    names = {"localhost", "127.0.0.1", "[::1]", f"[{host}]" if ":" in host else host}
    hosts = {f"{name}:{port}" for name in names}
    return Guard(token, frozenset(hosts | names if port == 80 else hosts))
