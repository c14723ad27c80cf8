"""`lose-field`: a field is not there, as after a change of the server's code that nobody was told of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from cassettes.framings.event import Event
from cassettes.framings.framing import Framing
from foundation.json_pointer import remove_at
from replayer.faults.context import FaultContext
from replayer.faults.editing.json_bodies import edit_json_bodies, edited_json
from replayer.faults.events.event_fault import EventFault
from replayer.faults.fault import Step, Transform
from replayer.faults.fault_limits import within_counting_limits
from replayer.faults.parameter_types import Pointer


@dataclass(frozen=True, kw_only=True)
class LoseField(EventFault):
    """Leave a field out of a JSON body, or of the data of events.

    The limits that count choose among the events of each stream, and else among all JSON bodies; with `type=`
    it is about events only.
    """

    called = "lose-field"
    example = "lose-field pointer=/job_id"

    pointer: Annotated[Pointer, "where the field is"]

    def begin(self, context: FaultContext) -> Transform:
        """Edit the events of a stream, or the body of another response."""
        streams = super().begin(context)
        bodies = edit_json_bodies(
            lambda document: self._edit(document) if self._takes_body(context) else document
        )

        def feed(step: Step) -> Iterator[Step]:
            for changed in streams(step):
                yield from bodies(changed)

        return feed

    def edit(self, event: Event, raw: bytes, framing: Framing, context: FaultContext) -> bytes:
        """Return the event without the field, or as it was if it has none."""
        data = edited_json(event.data, self._edit)
        return raw if data == event.data else framing.with_data(raw, data.encode())

    def _edit(self, document: Any) -> Any:
        return remove_at(document, self.pointer)

    def _takes_body(self, context: FaultContext) -> bool:
        """Count a JSON body, and return whether the limits choose it."""
        if self.type is not None:
            return False
        number, hits = context.memory.get("bodies", (0, 0))
        hit = within_counting_limits(self, number + 1, hits, context.random)
        context.memory["bodies"] = number + 1, hits + hit
        return hit
