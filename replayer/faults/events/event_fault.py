"""Faults that change single events, and leave every byte and every chunk of the others as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from cassettes.sse import Event
from cassettes.views.timeline import EVENT_STREAM
from foundation.http.headers import media_type
from replayer.faults.context import FaultContext
from replayer.faults.events.editor import Editor
from replayer.faults.fault import Fault, Step, Transform
from replayer.faults.hit_limits import chosen
from replayer.schedule.actions import Head


@dataclass(frozen=True, kw_only=True)
class EventFault(Fault):
    """A fault that changes the events which its limits choose, counted in each stream by themselves."""

    counts: ClassVar[Literal["requests", "events"]] = "events"

    def edit(self, event: Event, raw: bytes, context: FaultContext) -> bytes:
        """The bytes in the place of a chosen event's; none drop it."""
        raise NotImplementedError

    def concerns(self, event: Event) -> bool:
        """Whether an event is one of those that are chosen from."""
        return event.dispatched and self.type in {None, event.type}

    def begin(self, context: FaultContext) -> Transform:
        """Edit the events of a stream; other answers pass."""
        chooser = Chooser(self, context)

        def edit(event: Event, raw: bytes) -> bytes:
            return self.edit(event, raw, context) if chooser.takes(event) else raw

        return in_streams(Editor(edit).feed)


class Chooser:
    """Counts the events of one stream, and says which are hit."""

    def __init__(self, fault: EventFault, context: FaultContext) -> None:
        self._fault = fault
        self._scene = context
        self._number = 0
        self._hits = 0

    def takes(self, event: Event) -> bool:
        """Whether the fault hits the next event."""
        if not self._fault.concerns(event):
            return False
        self._number += 1
        hit = chosen(self._fault, self._number, self._hits, self._scene.random)
        self._hits += hit
        return hit


def in_streams(feed: Transform) -> Transform:
    """A feed that only sees the steps of event streams."""
    is_stream = False

    def only(step: Step) -> Iterator[Step]:
        nonlocal is_stream
        if isinstance(step, Head):
            is_stream = media_type(step.headers) == EVENT_STREAM
        yield from feed(step) if is_stream else (step,)

    return only
