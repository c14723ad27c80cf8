"""`refuse`: the server accepts the connection and closes it, its request unread."""

from __future__ import annotations

from dataclasses import dataclass

from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault, Transform
from replayer.schedule.actions import Finish


@dataclass(frozen=True, kw_only=True)
class Refuse(Fault):
    """Accept the connection, then close it at once."""

    called = "refuse"
    example = "refuse first=2"

    def begin(self, context: FaultContext) -> Transform:
        """Reset the connection, as TCP does when a socket with unread bytes is closed."""
        return lambda _step: (Finish(0, "reset"),)
