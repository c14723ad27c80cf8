"""`rate`: a model that thinks slowly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cassettes.framings.event import Event
from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault, Transform
from replayer.faults.pace.event_times import retime_events
from replayer.faults.pace.serial_line import SerialLine
from replayer.faults.parameter_types import Rate


@dataclass(frozen=True, kw_only=True)
class EventRate(Fault):
    """Send so many events of the stream a second, at most."""

    called = "rate"
    example = "rate events=2"

    events: Annotated[Rate, "events per second (of type=, where it is given)"]

    def begin(self, context: FaultContext) -> Transform:
        """Move the end of each event to when the line begins to carry it; its other parts can come before."""
        line = SerialLine(self.events)

        def due(at: int, event: Event | None) -> int:
            counts = event is not None and event.dispatched and self.type in {None, event.type}
            return line.carry(1, at) if counts else at

        return retime_events(due)
