"""`stall`: the stream falls silent, and goes on later or never."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from replayer.faults.context import FaultContext
from replayer.faults.fault import Transform
from replayer.faults.parameter_types import Duration
from replayer.faults.position import Positioned, later
from replayer.schedule.actions import Action, Finish


@dataclass(frozen=True, kw_only=True)
class Stall(Positioned):
    """Send nothing for a while, or nothing more."""

    called = "stall"
    example = "stall after-events=2 time=30s"

    time: Annotated[Duration | None, "how long; without it, for ever"] = None

    def strike(self, at: int, context: FaultContext) -> Iterable[Action]:
        """Silence for ever has no other end."""
        return (Finish(at, "hang"),) if self.time is None else ()

    def rest(self, at: int, context: FaultContext) -> Transform:
        """The rest comes later."""
        return later(self.time or 0)
