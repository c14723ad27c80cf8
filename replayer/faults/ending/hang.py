"""`hang`: nothing more is sent, and the connection stays open until the client leaves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from replayer.faults.context import FaultContext
from replayer.faults.position import Positioned
from replayer.schedule.actions import Action, Finish


@dataclass(frozen=True, kw_only=True)
class Hang(Positioned):
    """Never end the answer."""

    called = "hang"
    example = "hang after-events=2 path=/api/v1/stream"

    def at_position(self, at: int, context: FaultContext) -> Iterable[Action]:
        """Return an end that leaves the connection open."""
        return (Finish(at, "hang"),)
