"""The admin listener: what the replay server tells about itself, away from the recorded paths."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from tornado.httputil import HTTPServerRequest
from tornado.web import Application, Finish, RequestHandler

from cassettes.errors import UsageError
from replayer.listening import is_loopback

type Health = Mapping[str, str | int]


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


class Admin(msgspec.Struct, frozen=True):
    """What the pages work on."""

    guard: Guard
    health: Callable[[], Health]


class AdminHandler(RequestHandler):
    """What every page of the admin listener has: the guard and errors as JSON."""

    def initialize(self, admin: Admin) -> None:
        """Take what the application gives."""
        self.admin = admin

    def set_default_headers(self) -> None:
        """Nothing here is to be kept or guessed at."""
        self.set_header("Server", "chatreel")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

    def prepare(self) -> None:
        """Refuse whom the guard refuses."""
        status = self.admin.guard.refusal(self.request)
        if status is None:
            return
        if status == HTTPStatus.UNAUTHORIZED:
            self.set_header("WWW-Authenticate", 'Bearer realm="chatreel"')
        self.set_status(status)
        self.finish({"error": status.phrase})
        raise Finish

    def write_error(self, status_code: int, **_others: Any) -> None:
        """Say what went wrong in JSON."""
        self.finish({"error": HTTPStatus(status_code).phrase})


class HealthHandler(AdminHandler):
    """`GET /health`."""

    def get(self) -> None:
        """The state of the server, in numbers."""
        self.finish(dict(self.admin.health()))


class UnknownHandler(AdminHandler):
    """Every other path."""

    def prepare(self) -> None:
        """404, for those who may ask at all."""
        super().prepare()
        self.send_error(404)


def application(admin: Admin) -> Application:
    """The admin listener's pages."""
    given = {"admin": admin}
    return Application(
        [("/health", HealthHandler, given)],
        default_handler_class=UnknownHandler,
        default_handler_args=given,
        log_function=lambda _handler: None,  # the target is untrusted, and of no interest on stderr
    )
