"""The base of handlers of a JSON API: access, headers that keep responses out of caches, and errors as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, ClassVar, NoReturn

import msgspec
from tornado.web import Finish, RequestHandler, stream_request_body

from foundation.web.guard import Guard

HEADERS = {
    "Server": "chatreel",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Type": "application/json",
}


class Refused(msgspec.Struct, frozen=True):
    """The body of an error response."""

    error: str


@stream_request_body  # otherwise Tornado parses forms, and responds to malformed ones by itself
class JsonHandler(RequestHandler):
    """Responds in JSON to requests that the guard accepts. A subclass's `data_received` gets the pieces of a body."""

    statuses: ClassVar[Mapping[type[Exception], HTTPStatus]] = {}
    """The statuses of the errors that `refusing_errors` catches; the first class that fits an error counts."""

    def initialize(self, guard: Guard) -> None:
        """Take the guard from the application's route."""
        self._guard = guard

    def set_default_headers(self) -> None:
        """Set the headers of all responses, error responses included."""
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        """Respond with 403, or with 401 and its challenge (RFC 9110, 15.5.2), to requests that the guard refuses."""
        status = self._guard.refusal(self.request)
        if status == HTTPStatus.UNAUTHORIZED:
            self.set_header("WWW-Authenticate", 'Bearer realm="chatreel"')
        if status is not None:
            self.refuse(status)

    def options(self, *_path_groups: str) -> None:
        """Respond with 204, without the headers that would let pages of other origins read responses."""
        self.set_status(HTTPStatus.NO_CONTENT)
        self.clear_header("Content-Type")

    @contextmanager
    def refusing_errors(self) -> Iterator[None]:
        """Respond to errors in `statuses` with their status and message, and raise Tornado's Finish instead of them."""
        try:
            yield
        except tuple(self.statuses) as error:
            status = next(status for kind, status in self.statuses.items() if isinstance(error, kind))
            self.refuse(status, str(error))

    def refuse(self, status: HTTPStatus, error: str | None = None) -> NoReturn:
        """Respond with an error, by default the phrase of the status, and raise Finish."""
        self.finish_with_error(status, error)
        raise Finish

    def write_error(self, status_code: int, **_others: Any) -> None:
        """Respond to an unexpected exception, or to a method that the path lacks; Tornado calls this."""
        self.finish_with_error(HTTPStatus(status_code), None)

    def finish_with_error(self, status: HTTPStatus, error: str | None) -> None:
        """Write an error response; the text is the phrase of the status by default."""
        self.set_status(status)
        self.finish(self.encoded(Refused(error or status.phrase)))

    def encoded(self, value: Any) -> bytes:
        """Return a value as JSON."""
        return msgspec.json.encode(value)
