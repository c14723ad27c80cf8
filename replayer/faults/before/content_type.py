"""`content-type`: the answer says that it is something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from foundation.http.headers import Headers
from replayer.faults.context import FaultContext
from replayer.faults.editing.response_headers import edit_headers, with_header
from replayer.faults.fault import Fault, Transform
from replayer.faults.parameter_types import HeaderValue


@dataclass(frozen=True, kw_only=True)
class ContentType(Fault):
    """Change the content type, and leave the body as it is."""

    called = "content-type"
    example = "content-type value=text/html path=/api/v1/stream"

    value: Annotated[HeaderValue, "the type, with its parameters"]

    def begin(self, context: FaultContext) -> Transform:
        """Give the header another value, and keep the spelling of its name."""
        return edit_headers(self._edit)

    def _edit(self, headers: Headers) -> Headers:
        name = next((name for name, _ in headers if name.lower() == "content-type"), "Content-Type")
        return with_header(headers, name, self.value)
