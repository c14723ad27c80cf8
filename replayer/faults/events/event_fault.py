"""Faults that change single events, and leave every byte and every chunk of the others as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from cassettes.framings.event import Event
from cassettes.framings.framing import Framing
from replayer.faults.context import FaultContext
from replayer.faults.editing.framed_streams import in_streams
from replayer.faults.events.editor import Edit, EventEditor
from replayer.faults.fault import Fault, Transform
from replayer.faults.fault_limits import within_counting_limits


@dataclass(frozen=True, kw_only=True)
class EventFault(Fault):
    """A fault that changes the events which its limits choose; each stream's events are counted from 1."""

    counts: ClassVar[Literal["requests", "events"]] = "events"

    def edit(self, event: Event, raw: bytes, framing: Framing, context: FaultContext) -> bytes:
        """Return the bytes that take the place of a chosen event; no bytes drop it. `framing` can write them."""
        raise NotImplementedError

    def is_candidate(self, event: Event) -> bool:
        """Return whether an event is one of those that the limits count and choose from."""
        return event.dispatched and self.type in {None, event.type}

    def begin(self, context: FaultContext) -> Transform:
        """Edit the events of a stream; other responses pass."""
        chooser = EventChooser(self, context)

        def edit_in(framing: Framing) -> Edit:
            def edit(event: Event, raw: bytes) -> bytes:
                return self.edit(event, raw, framing, context) if chooser.chooses(event) else raw

            return edit

        return in_streams(lambda framing: EventEditor(framing, edit_in(framing)).feed)


class EventChooser:
    """Counts the events of one stream, and decides which of them the fault hits."""

    def __init__(self, fault: EventFault, context: FaultContext) -> None:
        self._fault = fault
        self._context = context
        self._number = 0
        self._hits = 0

    def chooses(self, event: Event) -> bool:
        """Count an event, and return whether the fault hits it."""
        if not self._fault.is_candidate(event):
            return False
        self._number += 1
        hit = within_counting_limits(self._fault, self._number, self._hits, self._context.random)
        self._hits += hit
        return hit
