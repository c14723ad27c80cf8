"""`corrupt-event`: an event's data is damaged, and the events around it are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from cassettes.framings.delimited import is_json
from cassettes.framings.event import Event
from cassettes.framings.framing import Framing
from replayer.faults.context import FaultContext
from replayer.faults.events.event_fault import EventFault


@dataclass(frozen=True, kw_only=True)
class CorruptEvent(EventFault):
    """Damage an event's data."""

    called = "corrupt-event"
    example = "corrupt-event how=json type=result"

    how: Annotated[
        Literal["json", "utf8", "cut"],
        "json: its last bracket is missing; utf8: a byte that is none; cut: it stops half-way, as does the event",
    ] = "json"

    def edit(self, event: Event, raw: bytes, framing: Framing, context: FaultContext) -> bytes:
        """Return the event with damaged data; what ends it stays, so it is still one event."""
        if self.how == "json":
            return framing.with_data(raw, broken_json(event.data).encode()) if is_json(event.data) else raw
        return framing.with_bad_byte(raw) if self.how == "utf8" else framing.with_half_the_data(raw)


def broken_json(text: str) -> str:
    """Return a JSON text that is no JSON any more: without its last character or, if that is JSON, with a `]` more.

    broken_json('{"a": 1}')     '{"a": 1'
    broken_json("12")           "12]", since "1" is JSON
    """
    shorter = text.rstrip()[:-1]
    return text + "]" if is_json(shorter) else shorter
