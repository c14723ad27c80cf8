"""`status`: an error, or any other answer, instead of the one that would come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from foundation.clock import SECOND
from foundation.http.headers import bodiless
from replayer.faults.context import FaultContext
from replayer.faults.editing.substitute import instead
from replayer.faults.fault import Fault, Transform
from replayer.faults.parameter_types import Duration, HeaderLine, Status, Text


@dataclass(frozen=True, kw_only=True)
class GiveStatus(Fault):
    """Answer with a status of your choice."""

    called = "status"
    example = 'status code=503 retry-after=5s body=\'{"error": "Overloaded"}\' first=2'

    code: Annotated[Status, "the status"]
    body: Annotated[Text, "the body; its type is JSON when it is JSON, else plain text"] = ""
    header: Annotated[HeaderLine | None, "a further header"] = None
    retry_after: Annotated[Duration | None, "a `Retry-After` header, in whole seconds"] = None

    def __post_init__(self) -> None:
        if self.body and bodiless("GET", self.code):
            raise ValueError(f"an answer of status {self.code} has no body: leave out body=")

    def begin(self, context: FaultContext) -> Transform:
        """Send the response of this status instead."""
        return instead(self.code, self.body, tuple(self._headers()))

    def _headers(self) -> Iterator[tuple[str, str]]:
        if self.retry_after is not None:
            yield "Retry-After", str(-(-self.retry_after // SECOND))  # rounded up: not before it is over
        if self.header is not None:
            yield self.header
