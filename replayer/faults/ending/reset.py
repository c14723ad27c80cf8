"""`reset`: the connection is reset, as by a server that crashed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from replayer.faults.context import FaultContext
from replayer.faults.position import Positioned
from replayer.schedule.actions import Action, Finish


@dataclass(frozen=True, kw_only=True)
class Reset(Positioned):
    """Reset the connection (TCP RST)."""

    called = "reset"
    example = "reset after-events=3 path=/api/v1/stream"

    def at_position(self, at: int, context: FaultContext) -> Iterable[Action]:
        """Return the reset."""
        return (Finish(at, "reset"),)
