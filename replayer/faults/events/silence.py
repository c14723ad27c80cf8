"""`silence`: nothing tells the client that the server is still there, as behind a proxy that drops heartbeats."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cassettes.framings.event import Event
from cassettes.framings.framing import Framing
from cassettes.views.timeline import HEARTBEATS
from replayer.faults.context import FaultContext
from replayer.faults.events.event_fault import EventFault

ONLY_COMMENTS = re.compile(rb"(?::[^\r\n]*(?:\r\n|\r|\n))+(?:\r\n|\r|\n)")


@dataclass(frozen=True, kw_only=True)
class Silence(EventFault):
    """Leave out heartbeats, and comments that stand alone."""

    called = "silence"
    example = "silence path=/api/v1/stream"

    def is_candidate(self, event: Event) -> bool:
        """Return whether an event is a heartbeat, with data or without, or a block of comments."""
        beats = event.type in HEARTBEATS or (not event.dispatched and bool(event.comments))
        return beats and self.type in {None, event.type}

    def edit(self, event: Event, raw: bytes, framing: Framing, context: FaultContext) -> bytes:
        """Return no bytes, or the block as it was if it has other fields beside its comments."""
        return b"" if event.type in HEARTBEATS or ONLY_COMMENTS.fullmatch(raw) else raw
