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
        """A reset: what TCP tells a client whose bytes nobody read."""
        return lambda _step: (Finish(0, "reset"),)
