"""Answers what the page asks for, as JSON: the guard, the questions, and errors on one line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, NoReturn

import msgspec
from tornado.web import Finish, RequestHandler, stream_request_body

from foundation.errors import CassetteError, UsageError
from foundation.web.guard import Guard
from foundation.web.parameters import BadParameters, Parameters, from_query
from inspector.errors import Missing, TooLarge
from inspector.handlers.page import set_headers
from inspector.workspace.workspace import Workspace

ERRORS: dict[type[Exception], HTTPStatus] = {
    BadParameters: HTTPStatus.BAD_REQUEST,
    UsageError: HTTPStatus.BAD_REQUEST,
    Missing: HTTPStatus.NOT_FOUND,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    CassetteError: HTTPStatus.INTERNAL_SERVER_ERROR,  # the file changed under us
}


def status_of(error: Exception) -> HTTPStatus:
    """What an error is answered with."""
    return next(status for kind, status in ERRORS.items() if isinstance(error, kind))


@stream_request_body  # else Tornado parses forms, and answers broken ones in its own words
class ApiHandler(RequestHandler):
    """A path of the API: who may ask, and errors as JSON."""

    def initialize(self, inspection: Workspace, guard: Guard) -> None:
        """Take what the application gives."""
        self.inspection = inspection
        self._guard = guard

    def set_default_headers(self) -> None:
        """Nothing here is to be kept or guessed at."""
        set_headers(self)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", "application/json")

    def compute_etag(self) -> None:
        """Nothing here is asked for again as the same."""

    def prepare(self) -> None:
        """Refuse whom the guard refuses."""
        status = self._guard.refusal(self.request)
        if status == HTTPStatus.UNAUTHORIZED:
            self.set_header("WWW-Authenticate", 'Bearer realm="chatreel"')
        if status is not None:
            self.refuse(status)

    def data_received(self, chunk: bytes) -> None:
        """What asks for something has no body."""
        self.refuse(HTTPStatus.BAD_REQUEST, f"{self.request.method} {self.request.path} takes no body")

    def options(self, *_parts: str) -> None:
        """The headers that would let foreign pages ask are left out."""
        self.set_status(HTTPStatus.NO_CONTENT)
        self.clear_header("Content-Type")

    async def attempt[Result](self, result: Awaitable[Result]) -> Result:
        """What comes of it; or say what is wrong, and do nothing more."""
        try:
            return await result
        except tuple(ERRORS) as error:
            self.refuse(status_of(error), str(error))

    def write_error(self, status_code: int, **_others: Any) -> None:
        """Say what went wrong in JSON: a defect, or a method that is none."""
        self.tell(HTTPStatus(status_code), None)

    def refuse(self, status: HTTPStatus, error: str | None = None) -> NoReturn:
        """Answer with an error, and do nothing more."""
        self.tell(status, error)
        raise Finish

    def tell(self, status: HTTPStatus, error: str | None) -> None:
        """Finish with an error."""
        self.set_status(status)
        self.finish(msgspec.json.encode({"error": " ".join((error or status.phrase).split())}))


class BodyHandler(ApiHandler):
    """A path that takes a body, which is kept; how large it may be is the server's business."""

    body = b""

    def data_received(self, chunk: bytes) -> None:
        """A part of the body."""
        self.body += chunk


class ViewHandler(ApiHandler):
    """What is asked for with GET; a path without a view is unknown."""

    def initialize(  # type: ignore[override] # Tornado gives each handler its own arguments
        self,
        inspection: Workspace,
        guard: Guard,
        view: Callable[..., Awaitable[Any]] | None,
        asks: type[Parameters],
    ) -> None:
        """Take what the application gives."""
        super().initialize(inspection, guard)
        self._view = view
        self._asks = asks

    async def get(self, *parts: str) -> None:
        """Answer; HEAD is GET of which Tornado sends the head."""
        if self._view is None:
            self.refuse(HTTPStatus.NOT_FOUND)
        self.write(msgspec.json.encode(await self.attempt(self._answered(self._view, parts))))

    head = get

    async def _answered(self, view: Callable[..., Awaitable[Any]], parts: tuple[str, ...]) -> Any:
        await self.inspection.open()
        asked = from_query(self._asks, self.request.query_arguments)
        return await view(self.inspection, asked, *parts)
