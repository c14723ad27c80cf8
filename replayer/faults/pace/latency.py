"""`latency`: a slow way between the server and the client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Annotated, Literal

from cassettes.framings.event import Event
from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault, Step, Transform
from replayer.faults.pace.event_times import retime_events
from replayer.faults.parameter_types import Duration
from replayer.schedule.actions import Data


@dataclass(frozen=True, kw_only=True)
class Latency(Fault):
    """Let each chunk of the body, or each event, arrive later; their delays do not add up."""

    called = "latency"
    example = "latency time=200ms jitter=150ms per=event"

    time: Annotated[Duration, "how much later"]
    jitter: Annotated[Duration, "so much more or less, drawn for each; none overtakes another"] = 0
    per: Annotated[Literal["chunk", "event"], "what arrives at once"] = "chunk"

    def begin(self, context: FaultContext) -> Transform:
        """Delay each chunk, or each event, by a draw of its own."""
        if self.per == "event":
            return retime_events(EventDelays(self, context.random).due)

        def feed(step: Step) -> Iterator[Step]:
            yield Data(step.at + self.draw(context.random), step.data) if isinstance(step, Data) else step

        return feed

    def draw(self, random: Random) -> int:
        """Return a delay in microseconds, which is 0 where jitter would make it negative."""
        return max(0, self.time + random.randint(-self.jitter, self.jitter))


class EventDelays:
    """Draws one delay for all parts of an event, however many chunks they come in."""

    def __init__(self, latency: Latency, random: Random) -> None:
        self._latency = latency
        self._random = random
        self._drawn: int | None = None

    def due(self, at: int, event: Event | None) -> int:
        """Return when a part is due: the delay is drawn with the first part of an event, and holds until the last."""
        drawn = self._latency.draw(self._random) if self._drawn is None else self._drawn
        self._drawn = drawn if event is None else None
        return at + drawn
