"""`slow-close`: the end of the answer comes later than its last byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from replayer.faults.context import FaultContext
from replayer.faults.ending.chunking import in_chunks
from replayer.faults.fault import Step, Transform
from replayer.faults.parameter_types import Duration
from replayer.faults.position import EndSearch, Positioned
from replayer.schedule.actions import Action, Finish, Head


@dataclass(frozen=True, kw_only=True)
class SlowClose(Positioned):
    """Close the connection late; without a position, after the whole body."""

    called = "slow-close"
    example = "slow-close time=5s"
    without_position = "end"

    time: Annotated[Duration, "so long after the last byte"]

    def begin(self, context: FaultContext) -> Transform:
        """Behind the whole body it ends as it would have, but later."""
        if isinstance(self.search(context), EndSearch):
            return late_end(self.time, context)
        return super().begin(context)

    def strike(self, at: int, context: FaultContext) -> Iterable[Action]:
        """Nothing more, and later the end."""
        return (Finish(at + self.time, "close"),)


def late_end(by: int, context: FaultContext) -> Transform:
    """Only the end later; where the client needs no end to know that the body is whole, the connection's."""
    ends_by_chunk = False

    def feed(step: Step) -> Iterator[Step]:
        nonlocal ends_by_chunk
        if isinstance(step, Head):
            ends_by_chunk = in_chunks(step, context)
        if isinstance(step, Finish) and by:
            closes = step.how == "complete" and not ends_by_chunk
            step = Finish(step.at + by, "close" if closes else step.how)
        yield step

    return feed
