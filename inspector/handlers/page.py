"""The files of the page. They hold no secret; their headers let nothing but these files run in the browser."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

from tornado.web import HTTPError, RequestHandler, StaticFileHandler

from foundation.web.guard import Guard

STATIC = Path(__file__).parents[1] / "static"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
"""The Content-Security-Policy (W3C CSP 3): only the page's own files are loaded, and no string becomes markup."""

SECURITY_HEADERS = {
    "Server": "chatreel",
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of every response of the inspector."""


def set_headers(handler: RequestHandler) -> None:
    """Set the headers that every response of the inspector has."""
    for name, value in SECURITY_HEADERS.items():
        handler.set_header(name, value)


class PageHandler(RequestHandler):
    """Redirects the root of the server to the page."""

    def initialize(self, guard: Guard) -> None:
        """Take the arguments of the application's rule."""
        self._guard = guard

    def set_default_headers(self) -> None:
        """Set the headers that every response of the inspector has."""
        set_headers(self)

    def prepare(self) -> None:
        """Refuse a request that the guard refuses."""
        refuse(self, self._guard)

    def get(self) -> None:
        """Redirect; HEAD does so, too."""
        self.redirect("/inspect/")

    head = get


class StaticHandler(StaticFileHandler):
    """Serves a file of the page."""

    def initialize(self, path: str, guard: Guard) -> None:  # type: ignore[override] # Tornado gives each handler its own arguments
        """Take the arguments of the application's rule."""
        super().initialize(path)
        self._guard = guard

    def set_default_headers(self) -> None:
        """Set the headers that every response of the inspector has."""
        set_headers(self)

    def prepare(self) -> None:
        """Refuse a request that the guard refuses."""
        refuse(self, self._guard)

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """Refuse a path that no file can have, such as one with a NUL, like one that no file has."""
        try:
            return super().validate_absolute_path(root, absolute_path)
        except ValueError:
            raise HTTPError(HTTPStatus.NOT_FOUND) from None

    def set_extra_headers(self, path: str) -> None:
        """Have the browser ask each time (RFC 9111, 5.2.2.4): after an update the files are others."""
        self.set_header("Cache-Control", "no-cache")


class IndexHandler(StaticHandler):
    """Serves index.html at the page's address."""

    async def get(self, path: str = "", include_body: bool = True) -> None:
        """Send the file that the path names, or index.html."""
        await super().get(path or "index.html", include_body)


def refuse(handler: RequestHandler, guard: Guard) -> None:
    """Raise HTTPError for a request that the guard refuses."""
    status: Any = guard.refusal(handler.request)
    if status is not None:
        raise HTTPError(HTTPStatus(status))
