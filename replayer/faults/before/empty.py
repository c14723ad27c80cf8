"""`empty`: the server reads the request, and closes the connection without an answer."""

from __future__ import annotations

from dataclasses import dataclass

from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault, Transform
from replayer.schedule.actions import Finish


@dataclass(frozen=True, kw_only=True)
class Empty(Fault):
    """Close the connection after the request, without an answer."""

    called = "empty"
    example = "empty path=/jobs/* nth=2"

    def begin(self, context: FaultContext) -> Transform:
        """Close the connection at once."""
        return lambda _step: (Finish(0, "close"),)
