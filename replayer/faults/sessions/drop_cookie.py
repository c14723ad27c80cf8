"""`drop-cookie`: a cookie is never set, so the client cannot come back with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from foundation.http.cookies import parse_set_cookie
from foundation.http.headers import Headers
from replayer.faults.context import FaultContext
from replayer.faults.editing.response_headers import edit_headers
from replayer.faults.fault import Fault, Transform
from replayer.faults.parameter_types import Name


@dataclass(frozen=True, kw_only=True)
class DropCookie(Fault):
    """Leave out `Set-Cookie`."""

    called = "drop-cookie"
    example = "drop-cookie name=session_id"

    name: Annotated[Name | None, "only the cookie of this name"] = None

    def begin(self, context: FaultContext) -> Transform:
        """Leave out the headers that set the cookie."""
        return edit_headers(self._kept)

    def _kept(self, headers: Headers) -> Headers:
        return tuple(header for header in headers if not self._sets(*header))

    def _sets(self, name: str, value: str) -> bool:
        if name.lower() != "set-cookie":
            return False
        cookie = parse_set_cookie(value)
        return self.name is None or (cookie is not None and cookie.name == self.name)
