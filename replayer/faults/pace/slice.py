"""`slice`: the body comes in small pieces, cut anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault, Step, Transform
from replayer.faults.pace.throttle import pieces
from replayer.faults.parameter_types import Duration, SomeBytes
from replayer.schedule.actions import Data


@dataclass(frozen=True, kw_only=True)
class Slice(Fault):
    """Cut the body into small pieces, also inside of a character."""

    called = "slice"
    example = "slice size=7 time=20ms"

    size: Annotated[SomeBytes, "bytes of a piece, at most"]
    time: Annotated[Duration, "between two pieces, at least"] = 0

    def begin(self, context: FaultContext) -> Transform:
        """Cut each chunk into pieces, `time` apart."""
        next_at = 0

        def feed(step: Step) -> Iterator[Step]:
            nonlocal next_at
            if not isinstance(step, Data):
                yield step
                return
            for piece in pieces(step.data, self.size):
                at = max(step.at, next_at)
                next_at = at + self.time
                yield Data(at, piece)

        return feed
