"""`slow-close`: the end of the answer comes later than its last byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from msgspec.structs import replace

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
        """Delay the end of the whole body or, at another position, what `at_position` returns."""
        if isinstance(self.search(context), EndSearch):
            return late_end(self.time, context)
        return super().begin(context)

    def at_position(self, at: int, context: FaultContext) -> Iterable[Action]:
        """Return the end of the connection, `time` later."""
        return (Finish(at + self.time, "close"),)


def late_end(by: int, context: FaultContext) -> Transform:
    """Return a transform that delays the end of a response by so many microseconds.

    In a chunked body the end is the last chunk. In a body with a length the client knows the end from the last byte, so
    that the connection is closed late instead.
    """
    ends_by_chunk = False

    def feed(step: Step) -> Iterator[Step]:
        nonlocal ends_by_chunk
        if isinstance(step, Head):
            ends_by_chunk = in_chunks(step, context)
        if isinstance(step, Finish) and by:
            closes = step.how == "complete" and not ends_by_chunk
            step = replace(step, at=step.at + by, how="close" if closes else step.how)
        yield step

    return feed
