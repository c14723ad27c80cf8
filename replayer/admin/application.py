"""Serves the operations of the admin listener as a Tornado application."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

import msgspec
from tornado.web import Application

from foundation.errors import CassetteError
from foundation.web.guard import Guard
from foundation.web.json_handler import JsonHandler
from foundation.web.parameters import BadParameters, Parameters, from_body, from_query
from replayer.admin.operation import Operation, RunningReplay
from replayer.admin.operations import OPERATIONS
from replayer.admin.requests import InvalidRequest

LARGEST_BODY = 64 << 10
"""Bytes that the body of a request may have; a larger one gets 413."""


class AdminHandler(JsonHandler):
    """Handles requests for one path of the admin listener; `operations` are those of the path, by their methods."""

    statuses: ClassVar[Mapping[type[Exception], HTTPStatus]] = {
        BadParameters: HTTPStatus.BAD_REQUEST,
        InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
        CassetteError: HTTPStatus.INTERNAL_SERVER_ERROR,  # the file was changed while it is replayed
    }

    def initialize(  # type: ignore[override] # Tornado gives each handler its own arguments
        self, guard: Guard, replay: RunningReplay, operations: dict[str, Operation]
    ) -> None:
        """Take the arguments of the application's route; an unknown path has no operations."""
        super().initialize(guard)
        self._replay = replay
        self._operations = operations
        self._body = b""

    def prepare(self) -> None:
        """Refuse requests that the guard refuses, and those for unknown paths."""
        super().prepare()
        if not self._operations:
            self.refuse(HTTPStatus.NOT_FOUND)

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, up to one byte more than the body may have."""
        self._body += chunk[: LARGEST_BODY + 1 - len(self._body)]

    async def act(self) -> None:
        """Do the operation of the method and write its result; for HEAD, Tornado sends only the head of GET."""
        operation = self._operations.get("GET" if self.request.method == "HEAD" else str(self.request.method))
        if operation is None:
            self.refuse(HTTPStatus.METHOD_NOT_ALLOWED)
        with self.refusing_errors():
            result = operation.act(self._replay, self._parameters(operation))
            if inspect.isawaitable(result):
                result = await result
        if result is None:
            self.set_status(HTTPStatus.NO_CONTENT)
            self.clear_header("Content-Type")
        else:
            self.set_header("Content-Type", operation.media_type)
            self.write(result if isinstance(result, str) else self.encoded(result))

    get = head = post = put = patch = delete = act

    def options(self, *_path_groups: str) -> None:
        """Respond with 204 and the methods that the path has."""
        self.set_header("Allow", self._allowed())
        super().options()

    def finish_with_error(self, status: HTTPStatus, error: str | None) -> None:
        """Write an error response; 405 lists the methods that the path has (RFC 9110, 15.5.6)."""
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.set_header("Allow", self._allowed())
        super().finish_with_error(status, error)

    def encoded(self, value: Any) -> bytes:
        """Return a value as indented JSON."""
        return msgspec.json.format(super().encoded(value), indent=2) + b"\n"

    def _parameters(self, operation: Operation) -> msgspec.Struct:
        """Return the query or the body as the struct that the operation takes; raises BadParameters."""
        if len(self._body) > LARGEST_BODY:
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body has more than {LARGEST_BODY} bytes")
        query = self.request.query_arguments
        if not issubclass(operation.request, Parameters):
            from_query(Parameters, query)
            return from_body(operation.request, self._body)
        if self._body:
            raise BadParameters(f"{operation.method} {operation.path} takes no body")
        return from_query(operation.request, query)

    def _allowed(self) -> str:
        head = ["HEAD"] if "GET" in self._operations else []
        return ", ".join([*self._operations, *head, "OPTIONS"])


def application(guard: Guard, replay: RunningReplay, pages: Sequence[tuple[Any, ...]] = ()) -> Application:
    """Return the admin listener's application; `pages` are routes to add to those of the operations."""
    by_path: dict[str, dict[str, Operation]] = defaultdict(dict)
    for operation in OPERATIONS:
        by_path[operation.path][operation.method] = operation
    given = {"guard": guard, "replay": replay}
    return Application(
        [
            *(
                (path, AdminHandler, given | {"operations": operations})
                for path, operations in by_path.items()
            ),
            *pages,
        ],
        default_handler_class=AdminHandler,
        default_handler_args=given | {"operations": {}},
        log_function=lambda _handler: None,  # targets are untrusted, and need not be on stderr
    )
