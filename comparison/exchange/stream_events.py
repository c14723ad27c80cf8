"""The events of a stream as they are aligned: heartbeats apart."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

from cassettes import sse
from cassettes.views.timeline import is_heartbeat
from comparison.values.json_values import json_text, read


class StreamEvent(NamedTuple):
    """An event: its place in the stream, and what its data says."""

    place: int
    event: sse.Event
    value: Any


def split(events: Iterable[sse.Event]) -> tuple[list[StreamEvent], list[sse.Event]]:
    """The events of a stream, and its heartbeats."""
    items, heartbeats = [], []
    for place, event in enumerate(events):
        if is_heartbeat(event):
            heartbeats.append(event)
        else:
            items.append(StreamEvent(place, event, read(event.data)))
    return items, heartbeats


def whole(items: Sequence[StreamEvent]) -> list[StreamEvent]:
    """The events that the end of the stream did not cut."""
    return [item for item in items if not item.event.cut]


def raw(item: StreamEvent) -> Hashable:
    """An event as it came."""
    event = item.event
    return event.type, event.data, event.dispatched, event.cut, event.retry


def event_text(item: StreamEvent | None) -> str:
    """An event for a person."""
    return "nothing" if item is None else f"{item.event.type} {json_text(item.value)}".strip()
