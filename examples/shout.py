"""A fault of one's own: `chatreel replay --fault-module examples/shout.py --fault 'shout breath=1s'`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault, Step, Transform
from replayer.faults.parameter_types import Duration
from replayer.schedule.actions import Data, moved


@dataclass(frozen=True, kw_only=True)
class Shout(Fault):
    """Send the body in upper case, after a deep breath."""

    called = "shout"
    example = "shout breath=500ms path=/api/v1/stream"

    breath: Annotated[Duration, "how long to breathe in"] = 0

    def begin(self, context: FaultContext) -> Transform:
        """Return what changes one response: its bytes, and the time of each step."""

        def feed(step: Step) -> Iterator[Step]:
            if isinstance(step, Data):
                step = Data(step.at, step.data.upper())
            yield moved(step, step.at + self.breath)

        return feed
