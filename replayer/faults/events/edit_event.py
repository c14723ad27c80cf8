"""`edit-event`: the JSON in an event's data says something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from cassettes.framings.event import Event
from cassettes.framings.framing import Framing
from foundation.json_pointer import remove_at, set_at
from replayer.faults.context import FaultContext
from replayer.faults.editing.json_bodies import edited_json
from replayer.faults.events.event_fault import EventFault
from replayer.faults.parameter_types import Flag, Json, Pointer


@dataclass(frozen=True, kw_only=True)
class EditEvent(EventFault):
    """Change or remove one value in the JSON of an event's data."""

    called = "edit-event"
    example = "edit-event pointer=/progress set=250 type=progress nth=2"

    pointer: Annotated[Pointer, "where the value is, or shall be where an object lacks it; other data stays"]
    set: Annotated[Json, "the new value, null where it is left out"] = None
    remove: Annotated[Flag, "leave the value out instead"] = False

    def __post_init__(self) -> None:
        if self.remove and self.set is not None:
            raise ValueError("give either set= or remove")

    def edit(self, event: Event, raw: bytes, framing: Framing, context: FaultContext) -> bytes:
        """Return the event with its edited data on one line, or as it was if the edit changes nothing."""
        data = edited_json(event.data, self._edit)
        return raw if data == event.data else framing.with_data(raw, data.encode())

    def _edit(self, document: Any) -> Any:
        if self.remove:
            return remove_at(document, self.pointer)
        return set_at(document, self.pointer, self.set)
