"""`drop-event`: an event is lost on its way."""

from __future__ import annotations

from dataclasses import dataclass

from cassettes.framings.event import Event
from cassettes.framings.framing import Framing
from replayer.faults.context import FaultContext
from replayer.faults.events.event_fault import EventFault


@dataclass(frozen=True, kw_only=True)
class DropEvent(EventFault):
    """Leave an event out."""

    called = "drop-event"
    example = "drop-event type=progress nth=2"

    def edit(self, event: Event, raw: bytes, framing: Framing, context: FaultContext) -> bytes:
        """Return no bytes."""
        return b""
