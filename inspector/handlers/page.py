"""The page itself: files that are no secret, with headers that let nothing else run on it."""

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
"""The Content-Security-Policy: nothing but our own files, and no text of others is ever taken for markup."""

HEADERS = {
    "Server": "chatreel",
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What every answer says."""


def set_headers(handler: RequestHandler) -> None:
    """Say it."""
    for name, value in HEADERS.items():
        handler.set_header(name, value)


class PageHandler(RequestHandler):
    """Leads to the page."""

    def initialize(self, guard: Guard) -> None:
        """Take what the application gives."""
        self._guard = guard

    def set_default_headers(self) -> None:
        """What every answer says."""
        set_headers(self)

    def prepare(self) -> None:
        """Refuse whom the guard refuses."""
        refuse(self, self._guard)

    def get(self) -> None:
        """Redirect to the page."""
        self.redirect("/inspect/")

    head = get


class StaticHandler(StaticFileHandler):
    """A file of the page; the browser asks each time whether it is still the same."""

    def initialize(self, path: str, guard: Guard) -> None:  # type: ignore[override] # it is ours that is given
        """Take what the application gives."""
        super().initialize(path)
        self._guard = guard

    def set_default_headers(self) -> None:
        """What every answer says."""
        set_headers(self)

    def prepare(self) -> None:
        """Refuse whom the guard refuses."""
        refuse(self, self._guard)

    def set_extra_headers(self, path: str) -> None:
        """Nothing is kept without asking: the next version may be another."""
        self.set_header("Cache-Control", "no-cache")


class IndexHandler(StaticHandler):
    """The page."""

    async def get(self, path: str = "", include_body: bool = True) -> None:
        """Send it."""
        await super().get(path or "index.html", include_body)


def refuse(handler: RequestHandler, guard: Guard) -> None:
    """Raise HTTPError for whom the guard refuses."""
    status: Any = guard.refusal(handler.request)
    if status is not None:
        raise HTTPError(HTTPStatus(status))
