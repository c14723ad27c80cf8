"""`swap-session`: a mix-up of sessions, as by a cache that keeps answers under too short a key."""

from __future__ import annotations

from dataclasses import dataclass

from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault, Transform


@dataclass(frozen=True, kw_only=True)
class SwapSession(Fault):
    """Answer with what another session gets, where the recording has one."""

    called = "swap-session"
    example = "swap-session path=/jobs/* nth=2"

    def begin(self, context: FaultContext) -> Transform:
        """Send the other session's response with its cookies; without one, as for a live response, change nothing."""
        other = context.other()
        return lambda step: (step,) if other is None else other
