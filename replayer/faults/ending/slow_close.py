"""`slow-close`: the end of the answer comes later than its last byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from replayer.faults.context import Scene
from replayer.faults.ending.chunking import in_chunks
from replayer.faults.fault import Feed, Step
from replayer.faults.parameter_types import Duration
from replayer.faults.position import EndSearch, Positioned
from replayer.schedule.actions import Action, End, Head


@dataclass(frozen=True, kw_only=True)
class SlowClose(Positioned):
    """Close the connection late; without a position, after the whole body."""

    called = "slow-close"
    example = "slow-close time=5s"
    without_position = "end"

    time: Annotated[Duration, "so long after the last byte"]

    def begin(self, scene: Scene) -> Feed:
        """Behind the whole body it ends as it would have, but later."""
        if isinstance(self.search(scene), EndSearch):
            return late_end(self.time, scene)
        return super().begin(scene)

    def strike(self, at: int, scene: Scene) -> Iterable[Action]:
        """Nothing more, and later the end."""
        return (End(at + self.time, "close"),)


def late_end(by: int, scene: Scene) -> Feed:
    """Only the end later; where the client needs no end to know that the body is whole, the connection's."""
    ends_by_chunk = False

    def feed(step: Step) -> Iterator[Step]:
        nonlocal ends_by_chunk
        if isinstance(step, Head):
            ends_by_chunk = in_chunks(step, scene)
        if isinstance(step, End) and by:
            closes = step.how == "complete" and not ends_by_chunk
            step = End(step.at + by, "close" if closes else step.how)
        yield step

    return feed
