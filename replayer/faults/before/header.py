"""`header`: the answer's headers are not those that a client expects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from foundation.http.headers import Headers, without
from replayer.faults.context import FaultContext
from replayer.faults.editing.response_headers import edit_headers, with_header
from replayer.faults.fault import Fault, Transform
from replayer.faults.parameter_types import HeaderLine, Name


@dataclass(frozen=True, kw_only=True)
class EditHeader(Fault):
    """Set or drop a header."""

    called = "header"
    example = "header set='Cache-Control: max-age=60' drop=X-Accel-Buffering"

    set_: Annotated[HeaderLine | None, "the header, in place of all of its name"] = None
    drop: Annotated[Name | None, "all headers of this name"] = None

    def __post_init__(self) -> None:
        if self.set_ is None and self.drop is None:
            raise ValueError("give set=NAME:VALUE, drop=NAME, or both")

    def begin(self, context: FaultContext) -> Transform:
        """Set the one header, and drop the other."""
        return edit_headers(self._edit)

    def _edit(self, headers: Headers) -> Headers:
        if self.drop is not None:
            headers = without(headers, self.drop.lower())
        return headers if self.set_ is None else with_header(headers, *self.set_)
