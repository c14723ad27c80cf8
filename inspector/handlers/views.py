"""The handlers of the inspector's JSON API, and the one that serves its views."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from foundation.errors import CassetteError, ServerError, UsageError
from foundation.web.guard import Guard
from foundation.web.json_handler import JsonHandler
from foundation.web.parameters import BadParameters, Parameters, from_query
from inspector.handlers.page import set_headers
from inspector.request_errors import Missing, TooLarge
from inspector.workspace.workspace import Workspace


class ApiHandler(JsonHandler):
    """A path of the inspector's API, which works on the workspace."""

    statuses: ClassVar[Mapping[type[Exception], HTTPStatus]] = {
        BadParameters: HTTPStatus.BAD_REQUEST,
        UsageError: HTTPStatus.BAD_REQUEST,
        Missing: HTTPStatus.NOT_FOUND,
        TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        CassetteError: HTTPStatus.INTERNAL_SERVER_ERROR,  # the file changed while it is shown
        ServerError: HTTPStatus.SERVICE_UNAVAILABLE,  # a process that works for the page has ended
    }

    def initialize(  # type: ignore[override] # Tornado gives each handler its own arguments
        self, workspace: Workspace, guard: Guard
    ) -> None:
        """Take the arguments of the application's rule."""
        super().initialize(guard)
        self.workspace = workspace

    def set_default_headers(self) -> None:
        """Set the headers of the page, and those of JSON."""
        set_headers(self)
        super().set_default_headers()

    def compute_etag(self) -> None:
        """Answers have no entity tag: nothing of them is stored (RFC 9111, 5.2.2.5)."""

    def data_received(self, chunk: bytes) -> None:
        """Refuse a body; a path that takes one overrides this."""
        self.refuse(HTTPStatus.BAD_REQUEST, f"{self.request.method} {self.request.path} takes no body")

    def finish_with_error(self, status: HTTPStatus, error: str | None) -> None:
        """Write {"error": ...} with the error on one line."""
        super().finish_with_error(status, None if error is None else " ".join(error.split()))


class BodyHandler(ApiHandler):
    """A path that takes a body and keeps it in memory; the server limits its size to 1 MiB."""

    body = b""

    def data_received(self, chunk: bytes) -> None:
        """Keep a part of the body."""
        self.body += chunk


class ViewHandler(ApiHandler):
    """A path that GET reads; without a view it answers 404."""

    def initialize(  # type: ignore[override] # Tornado gives each handler its own arguments
        self,
        workspace: Workspace,
        guard: Guard,
        view: Callable[..., Awaitable[Any]] | None,
        parameters: type[Parameters],
    ) -> None:
        """Take the arguments of the application's rule."""
        super().initialize(workspace, guard)
        self._view = view
        self._parameters = parameters

    async def get(self, *path_groups: str) -> None:
        """Write the view of the query; for HEAD Tornado leaves out the body."""
        if self._view is None:
            self.refuse(HTTPStatus.NOT_FOUND)
        with self.refusing_errors():
            await self.workspace.open()
            parameters = from_query(self._parameters, self.request.query_arguments)
            result = await self._view(self.workspace, parameters, *path_groups)
        self.write(self.encoded(result))

    head = get
