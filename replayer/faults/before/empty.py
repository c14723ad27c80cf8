"""`empty`: the server reads the request, and closes the connection without an answer."""

from __future__ import annotations

from dataclasses import dataclass

from replayer.faults.context import Scene
from replayer.faults.fault import Fault, Feed
from replayer.schedule.actions import End


@dataclass(frozen=True, kw_only=True)
class Empty(Fault):
    """Close the connection after the request, without an answer."""

    called = "empty"
    example = "empty path=/jobs/* nth=2"

    def begin(self, scene: Scene) -> Feed:
        """Nothing but the end."""
        return lambda _step: (End(0, "close"),)
