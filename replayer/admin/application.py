"""The admin listener as a Tornado application."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, NoReturn

import msgspec
from tornado.web import Application, Finish, RequestHandler, stream_request_body

from foundation.errors import CassetteError
from foundation.web.guard import Guard
from foundation.web.parameters import BadParameters, Parameters, from_body, from_query
from replayer.admin.operation import Operation, RunningReplay
from replayer.admin.operations import OPERATIONS
from replayer.admin.requests import InvalidRequest
from replayer.admin.responses import Refused

LARGEST_BODY = 64 << 10
"""Bytes; more gets 413."""


@stream_request_body  # else Tornado parses forms, and answers broken ones in its own words
class AdminHandler(RequestHandler):
    """A path of the admin listener: the guard, its operations by method, and errors as JSON."""

    def initialize(self, guard: Guard, replay: RunningReplay, operations: dict[str, Operation]) -> None:
        """Take what the application gives; a path without operations is unknown."""
        self._guard = guard
        self._replay = replay
        self._operations = operations
        self._body = b""

    def set_default_headers(self) -> None:
        """Nothing here is to be kept or guessed at."""
        self.set_header("Server", "chatreel")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Type", "application/json")

    def prepare(self) -> None:
        """Refuse whom the guard refuses, and what is unknown."""
        status = self._guard.refusal(self.request)
        if status == HTTPStatus.UNAUTHORIZED:
            self.set_header("WWW-Authenticate", 'Bearer realm="chatreel"')
        if status is not None:
            self.refuse(status)
        if not self._operations:
            self.refuse(HTTPStatus.NOT_FOUND)

    def data_received(self, chunk: bytes) -> None:
        """Keep the body, as far as one byte more than it may have."""
        self._body += chunk[: LARGEST_BODY + 1 - len(self._body)]

    def answer(self) -> None:
        """Do what is asked for, and tell the result; HEAD is GET of which Tornado sends the head."""
        operation = self._operations.get("GET" if self.request.method == "HEAD" else str(self.request.method))
        if operation is None:
            self.refuse(HTTPStatus.METHOD_NOT_ALLOWED)
        try:
            result = operation.act(self._replay, self._asked(operation))
        except BadParameters as error:
            self.refuse(HTTPStatus.BAD_REQUEST, str(error))
        except InvalidRequest as error:
            self.refuse(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        except CassetteError as error:  # the file changed under us
            self.refuse(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
        if result is None:
            self.set_status(HTTPStatus.NO_CONTENT)
            self.clear_header("Content-Type")
        else:
            self.set_header("Content-Type", operation.media_type)
            self.write(result if isinstance(result, str) else encoded(result))

    get = head = post = put = patch = delete = answer

    def options(self) -> None:
        """Which methods the path has; the headers that would let foreign pages ask are left out."""
        self.set_header("Allow", self._allowed())
        self.set_status(HTTPStatus.NO_CONTENT)
        self.clear_header("Content-Type")

    def write_error(self, status_code: int, **_others: Any) -> None:
        """Say what went wrong in JSON: a defect, or a method that is none."""
        self.tell(HTTPStatus(status_code), None)

    def refuse(self, status: HTTPStatus, error: str | None = None) -> NoReturn:
        """Answer with an error, and do nothing more."""
        self.tell(status, error)
        raise Finish

    def tell(self, status: HTTPStatus, error: str | None) -> None:
        """Finish with an error."""
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.set_header("Allow", self._allowed())
        self.set_status(status)
        self.finish(encoded(Refused(error or status.phrase)))

    def _asked(self, operation: Operation) -> msgspec.Struct:
        if len(self._body) > LARGEST_BODY:
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body has more than {LARGEST_BODY} bytes")
        query = self.request.query_arguments
        if not issubclass(operation.asks, Parameters):
            from_query(Parameters, query)
            return from_body(operation.asks, self._body)
        if self._body:
            raise BadParameters(f"{operation.method} {operation.path} takes no body")
        return from_query(operation.asks, query)

    def _allowed(self) -> str:
        head = ["HEAD"] if "GET" in self._operations else []
        return ", ".join([*self._operations, *head, "OPTIONS"])


def encoded(result: Any) -> bytes:
    """A result as JSON that a person can read too."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"


def application(guard: Guard, replay: RunningReplay, pages: Sequence[tuple[Any, ...]] = ()) -> Application:
    """The paths of the admin listener; `pages` are rules for further ones."""
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
        log_function=lambda _handler: None,  # the target is untrusted, and of no interest on stderr
    )
