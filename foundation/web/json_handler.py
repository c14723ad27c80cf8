"""A path of a JSON API: who may send requests, headers that keep answers out of caches, and errors as JSON."""

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
    """Why there is no other answer."""

    error: str


@stream_request_body  # else Tornado parses forms, and answers broken ones in its own words
class JsonHandler(RequestHandler):
    """Answers in JSON, to those whom the guard lets pass. A subclass's `data_received` says what becomes of a body."""

    statuses: ClassVar[Mapping[type[Exception], HTTPStatus]] = {}
    """What the errors that `refusing_errors` catches are answered with; the first class that fits counts."""

    def initialize(self, guard: Guard) -> None:
        """Take the guard from the application's rules."""
        self._guard = guard

    def set_default_headers(self) -> None:
        """Set the headers that errors have, too."""
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        """Answer 403 or 401 (RFC 9110, 15.5.2, with its challenge) to those whom the guard refuses."""
        status = self._guard.refusal(self.request)
        if status == HTTPStatus.UNAUTHORIZED:
            self.set_header("WWW-Authenticate", 'Bearer realm="chatreel"')
        if status is not None:
            self.refuse(status)

    def options(self, *_path_groups: str) -> None:
        """Answer 204, without the headers that would let pages of other origins read answers."""
        self.set_status(HTTPStatus.NO_CONTENT)
        self.clear_header("Content-Type")

    @contextmanager
    def refusing_errors(self) -> Iterator[None]:
        """Answer the errors in `statuses` with their message; what is raised from then on is Tornado's Finish."""
        try:
            yield
        except tuple(self.statuses) as error:
            status = next(status for kind, status in self.statuses.items() if isinstance(error, kind))
            self.refuse(status, str(error))

    def refuse(self, status: HTTPStatus, error: str | None = None) -> NoReturn:
        """Answer with an error, and raise Finish; the text is the status's phrase by default."""
        self.finish_with_error(status, error)
        raise Finish

    def write_error(self, status_code: int, **_others: Any) -> None:
        """Answer an exception that nobody expected, or a method that the path has not."""
        self.finish_with_error(HTTPStatus(status_code), None)

    def finish_with_error(self, status: HTTPStatus, error: str | None) -> None:
        """Answer with an error."""
        self.set_status(status)
        self.finish(self.encoded(Refused(error or status.phrase)))

    def encoded(self, value: Any) -> bytes:
        """A value as JSON."""
        return msgspec.json.encode(value)
