"""`rename-event`: an event is of another type than its reader expects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cassettes.sse import Event
from replayer.faults.context import FaultContext
from replayer.faults.events.event_fault import EventFault
from replayer.faults.events.fields import with_type
from replayer.faults.parameter_types import Line


@dataclass(frozen=True, kw_only=True)
class RenameEvent(EventFault):
    """Give an event another type."""

    called = "rename-event"
    example = "rename-event to=done type=complete"

    to: Annotated[Line, "the new type; message is that of an event without one"]

    def edit(self, event: Event, raw: bytes, context: FaultContext) -> bytes:
        """The line of its type is another, new or gone."""
        return raw if event.type == self.to else with_type(raw, self.to)
