"""`truncate`: the answer breaks off, and the connection closes as if that were all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from replayer.faults.context import FaultContext
from replayer.faults.position import Positioned
from replayer.schedule.actions import Action, Finish


@dataclass(frozen=True, kw_only=True)
class Truncate(Positioned):
    """Close the connection in the middle of the answer."""

    called = "truncate"
    example = "truncate after-bytes=100"

    def at_position(self, at: int, context: FaultContext) -> Iterable[Action]:
        """Return the end of the connection."""
        return (Finish(at, "close"),)
