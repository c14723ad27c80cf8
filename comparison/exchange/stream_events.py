"""Reads the events of a stream for their alignment, with heartbeats apart."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

from cassettes.framings.event import Event
from cassettes.views.timeline import is_heartbeat
from comparison.values.json_values import json_text, read


class StreamEvent(NamedTuple):
    """An event, its place in the stream (heartbeats counted), and its data as a value that can be compared."""

    place: int
    event: Event
    value: Any


def split(events: Iterable[Event]) -> tuple[list[StreamEvent], list[Event]]:
    """Returns the events of a stream, and its heartbeats."""
    items, heartbeats = [], []
    for place, event in enumerate(events):
        if is_heartbeat(event):
            heartbeats.append(event)
        else:
            items.append(StreamEvent(place, event, read(event.data)))
    return items, heartbeats


def without_cut(items: Sequence[StreamEvent]) -> list[StreamEvent]:
    """Returns the events without the one, if any, that the end of the stream cut off."""
    return [item for item in items if not item.event.cut]


def raw(item: StreamEvent) -> Hashable:
    """Returns what is equal for two events that are byte for byte the same for a client."""
    event = item.event
    return event.type, event.data, event.dispatched, event.cut, event.retry


def event_text(item: StreamEvent | None) -> str:
    """Returns an event for a person: its type and data."""
    return "nothing" if item is None else f"{item.event.type} {json_text(item.value)}".strip()
