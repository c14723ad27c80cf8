"""`swap-session`: a mix-up of sessions, as by a cache that keeps answers under too short a key."""

from __future__ import annotations

from dataclasses import dataclass

from replayer.faults.context import Scene
from replayer.faults.fault import Fault, Feed


@dataclass(frozen=True, kw_only=True)
class SwapSession(Fault):
    """Answer with what another session gets, where the recording has one."""

    called = "swap-session"
    example = "swap-session path=/jobs/* nth=2"

    def begin(self, scene: Scene) -> Feed:
        """The other session's answer, cookies and all; a live answer passes."""
        other = scene.other()
        return lambda step: (step,) if other is None else other
