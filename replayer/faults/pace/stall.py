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

    def at_position(self, at: int, context: FaultContext) -> Iterable[Action]:
        """Return the end of a response that stays open for ever, or nothing where it goes on."""
        return (Finish(at, "hang"),) if self.time is None else ()

    def after_position(self, at: int, context: FaultContext) -> Transform:
        """Move all that follows to `time` later."""
        return later(self.time or 0)
