"""`expire-session`: the server no longer knows the session."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal, Self

from replayer.faults.context import FaultContext
from replayer.faults.editing.substitute import instead
from replayer.faults.fault import Fault, Transform
from replayer.faults.parameter_types import Duration, Number, Text


@dataclass(frozen=True, kw_only=True)
class ExpireSession(Fault):
    """Refuse every request of a session that is too old."""

    called = "expire-session"
    example = "expire-session after-requests=2"

    after_requests: Annotated[Number | None, "after so many requests of the session"] = None
    after_time: Annotated[Duration | None, "so long after the session's first request"] = None
    status: Annotated[Literal["401", "404"], "the status of the refusal"] = "401"
    body: Annotated[Text, "the body of the refusal; its type is JSON when it is JSON, else plain text"] = (
        '{"error": "Session expired"}'
    )

    def __post_init__(self) -> None:
        if (self.after_requests is None) == (self.after_time is None):
            raise ValueError("give one of after-requests= and after-time=")

    def hits(self, context: FaultContext) -> bool:
        """Return whether the session has expired; a request without a session never does."""
        if context.session is None:
            return False
        if self.after_time is not None:
            return context.age >= self.after_time
        return context.turn > (self.after_requests or 0)

    def relaxed(self) -> Self:
        """Return the fault as it hits a session that has lasted long enough."""
        return replace(super().relaxed(), after_requests=0, after_time=None)

    def begin(self, context: FaultContext) -> Transform:
        """Send the refusal instead."""
        return instead(int(self.status), self.body)
