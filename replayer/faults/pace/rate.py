"""`rate`: a model that thinks slowly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cassettes.sse import Event
from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault, Transform
from replayer.faults.pace.event_times import at_times
from replayer.faults.pace.line import SerialLine
from replayer.faults.parameter_types import Rate


@dataclass(frozen=True, kw_only=True)
class EventRate(Fault):
    """Send so many events of the stream a second, at most."""

    called = "rate"
    example = "rate events=2"

    events: Annotated[Rate, "events per second (of type=, where it is given)"]

    def begin(self, context: FaultContext) -> Transform:
        """An event ends when its turn has come; its beginning may come before."""
        line = SerialLine(self.events)

        def due(at: int, event: Event | None) -> int:
            counts = event is not None and event.dispatched and self.type in {None, event.type}
            return line.carry(1, at) if counts else at

        return at_times(due)
