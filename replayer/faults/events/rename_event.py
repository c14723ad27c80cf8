"""`rename-event`: an event is of another type than its reader expects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cassettes.framings.event import Event
from cassettes.framings.framing import Framing
from replayer.faults.context import FaultContext
from replayer.faults.events.event_fault import EventFault
from replayer.faults.parameter_types import Line


@dataclass(frozen=True, kw_only=True)
class RenameEvent(EventFault):
    """Give an event another type."""

    called = "rename-event"
    example = "rename-event to=done type=complete"

    to: Annotated[Line, "the new type; message is that of an event without one"]

    def edit(self, event: Event, raw: bytes, framing: Framing, context: FaultContext) -> bytes:
        """Return the event with another type; JSON lines have none, so it stays."""
        return raw if event.type == self.to else framing.with_type(raw, self.to)
