"""Faults that change single events, and leave every byte and every chunk of the others as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from cassettes.sse import Event
from cassettes.views.timeline import EVENT_STREAM
from foundation.http.headers import media_type
from replayer.faults.context import FaultContext
from replayer.faults.events.editor import EventEditor
from replayer.faults.fault import Fault, Step, Transform
from replayer.faults.fault_limits import within_counting_limits
from replayer.schedule.actions import Head


@dataclass(frozen=True, kw_only=True)
class EventFault(Fault):
    """A fault that changes the events which its limits choose; each stream's events are counted from 1."""

    counts: ClassVar[Literal["requests", "events"]] = "events"

    def edit(self, event: Event, raw: bytes, context: FaultContext) -> bytes:
        """Return the bytes that take the place of a chosen event; no bytes drop it."""
        raise NotImplementedError

    def is_candidate(self, event: Event) -> bool:
        """Return whether an event is one of those that the limits count and choose from."""
        return event.dispatched and self.type in {None, event.type}

    def begin(self, context: FaultContext) -> Transform:
        """Edit the events of a stream; other responses pass."""
        chooser = EventChooser(self, context)

        def edit(event: Event, raw: bytes) -> bytes:
            return self.edit(event, raw, context) if chooser.chooses(event) else raw

        return in_streams(EventEditor(edit).feed)


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


def in_streams(transform: Transform) -> Transform:
    """Return a transform that leads event streams through another one, and passes other responses."""
    is_stream = False

    def feed(step: Step) -> Iterator[Step]:
        nonlocal is_stream
        if isinstance(step, Head):
            is_stream = media_type(step.headers) == EVENT_STREAM
        yield from transform(step) if is_stream else (step,)

    return feed
