"""`duplicate-event`: an event arrives twice, as when a server sends again what it has sent."""

from __future__ import annotations

from dataclasses import dataclass

from cassettes.framings.event import Event
from cassettes.framings.framing import Framing
from replayer.faults.context import FaultContext
from replayer.faults.events.event_fault import EventFault


@dataclass(frozen=True, kw_only=True)
class DuplicateEvent(EventFault):
    """Send an event twice, its copy right behind it."""

    called = "duplicate-event"
    example = "duplicate-event type=result"

    def edit(self, event: Event, raw: bytes, framing: Framing, context: FaultContext) -> bytes:
        """Return the event and its copy, which are sent in one piece."""
        return raw + raw
