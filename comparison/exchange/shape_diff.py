"""Compares the shape of two streams that say an answer: the kinds of their events, the kinds' order, and their fields.

An event's kind is its type and what it says that it is. Events of one kind that follow each other count once, because
where deltas fall is no difference. Of the events

    {"type": "start", "model": "m"}                        the kinds are start, delta, done
    {"type": "delta", "text": "Rev", "seq": 1}             /text and /seq are fields of delta whose values vary
    {"type": "delta", "text": "enue", "seq": 2}            /model is one whose value is the same in all events, so
    {"type": "done"}                                       that is compared, too
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from cassettes.answers.answer import Answer
from cassettes.answers.answer_reading import items_of
from cassettes.answers.builder import StreamItem
from cassettes.answers.readers.unknown import kind_of
from cassettes.views import timeline
from comparison.alignment.sequences import edits
from comparison.exchange.exchange_pair import ExchangePair
from comparison.result import Difference
from comparison.values.json_diff import Comparer, ValueDifference
from comparison.values.json_values import Path, json_text, kind
from foundation import json_pointer

ANY = "*"
LONGEST_WORD = 20
"""Characters of data that is no JSON, such as `[DONE]`, up to which it is a kind of its own."""

DEEPEST = 12
MOST_FIELDS = 2000
"""Fields of one stream that are compared."""


class EventKind(NamedTuple):
    """A kind of events: the type by the framing, and what the events say that they are."""

    type: str
    says: str

    def __str__(self) -> str:
        return f"{self.type} {self.says}".strip() if self.says != self.type else self.type


class ShapeField(NamedTuple):
    """A field of the events of one kind: its path, in which "*" is any index."""

    kind: EventKind
    path: Path


class Shape:
    """The kinds of a stream's events in their order, and their fields.

    `types` has the JSON types of each field, and `first` the place of the first event of each kind.
    """

    def __init__(self, items: Iterator[StreamItem], answer: Answer) -> None:
        self.types: dict[ShapeField, set[str]] = defaultdict(set)
        self.first: dict[EventKind, int] = {}
        self._values: dict[Path, dict[Hashable, Any]] = defaultdict(dict)
        self._said = known_texts(answer)
        kinds = []
        for item in items:
            kinds.append(kind_of_event(item))
            self.first.setdefault(kinds[-1], item.event or 0)
            self._add(kinds[-1], item.value, ())
        self.kinds = [one for one, _ in groupby(kinds)]

    def _add(self, of: EventKind, value: Any, path: Path) -> None:
        if len(self.types) > MOST_FIELDS or len(path) > DEEPEST:
            return
        self.types[ShapeField(of, path)].add(kind(value))
        if isinstance(value, dict) and path and self._is_arguments(value):
            return
        if isinstance(value, dict):
            for key, item in value.items():
                self._add(of, item, (*path, key))
        elif isinstance(value, list):
            for item in value:
                self._add(of, item, (*path, ANY))
        else:
            values = self._values[path]
            if len(values) < 2:
                values[json_text(value)] = value

    def _is_arguments(self, value: dict[str, Any]) -> bool:
        return json_text(value) in self._said

    def constant(self, field: ShapeField) -> list[Any]:
        """Returns the one value of a field that all events with it share, as a list; an empty one where it varies."""
        values = list(self._values.get(field.path, {}).values())
        return values if len(values) == 1 and values[0] not in self._said else []


def known_texts(answer: Answer) -> set[Any]:
    """Returns what is compared as the answer, and so is not compared again where it stands in events."""
    calls = [json_text(call.arguments) for call in answer.tool_calls]
    names = [call.name for call in answer.tool_calls]
    texts = [answer.text, answer.reasoning, answer.finish_reason, answer.model, *calls, *names]
    return {*texts, *(piece.text for piece in answer.pieces), *answer.usage.values()}


def kind_of_event(item: StreamItem) -> EventKind:
    """Returns the kind of an event."""
    if isinstance(item.value, dict):
        return EventKind(item.type, kind_of(item.value))
    return EventKind(item.type, item.data if item.value is None and len(item.data) <= LONGEST_WORD else "")


def shape_differences(
    pair: ExchangePair, recorded_answer: Answer, live_answer: Answer
) -> Iterator[Difference]:
    """Yields the kinds of events that one side lacks or has elsewhere, and the fields of the others that differ."""
    recorded = Shape(iter(items_of(timeline.events(pair.recorded))), recorded_answer)
    live = Shape(iter(items_of(timeline.events(pair.live))), live_answer)
    yield from kind_differences(pair, recorded, live)
    shared = recorded.first.keys() & live.first.keys()
    for field in recorded.types | live.types:
        if field.kind in shared:
            yield from field_differences(pair, field, recorded, live)


def kind_differences(pair: ExchangePair, recorded: Shape, live: Shape) -> Iterator[Difference]:
    """Yields each kind of events that was added, lost or moved, once."""
    told: set[tuple[str, EventKind]] = set()
    for edit in edits(recorded.kinds, live.kinds, lambda _left, _right: 0.0):
        if edit.what == "pair":
            continue
        of = recorded.kinds[edit.left] if edit.left is not None else live.kinds[edit.right or 0]
        if (edit.what, of) in told:
            continue
        told.add((edit.what, of))
        places = recorded.first.get(of), live.first.get(of)
        name, other = (str(of) if side is not None else "nothing" for side in (edit.left, edit.right))
        why = {
            "removed": "recorded events of this kind never came",
            "added": "events of a kind that was not recorded",
        }
        yield pair.difference(
            "events",
            edit.what,
            name,
            other,
            why.get(edit.what, "events of this kind came in another place"),
            events=places,
            event=of.type,
        )


def field_differences(
    pair: ExchangePair, field: ShapeField, recorded: Shape, live: Shape
) -> Iterator[Difference]:
    """Yields the difference of one field: its presence, its type, or the value that all events share."""
    comparer = pair.comparer(field.kind.type)
    if comparer.scope.ignores(field.path) or comparer.scope.varies(field.path, "any"):
        return
    for found in found_in_field(comparer, field, recorded, live):
        yield pair.difference(
            found.aspect,
            found.change,
            found.recorded,
            found.live,
            found.why,
            events=(recorded.first.get(field.kind), live.first.get(field.kind)),
            event=field.kind.type,
            pointer=json_pointer.to_text(field.path),
            measure=found.measure,
        )


def found_in_field(
    comparer: Comparer, field: ShapeField, recorded: Shape, live: Shape
) -> Iterator[ValueDifference]:
    """Yields what `field_differences` tells, as differences of values."""
    path = field.path
    types, live_types = recorded.types.get(field, set()), live.types.get(field, set())
    sides = [", ".join(sorted(side)) or "nothing" for side in (types, live_types)]
    if types and live_types and types.isdisjoint(live_types):
        yield ValueDifference(
            path, "structure", "retyped", sides[0], sides[1], f"{sides[0]} became {sides[1]}"
        )
    elif types and live_types:
        for value, other in zip(recorded.constant(field), live.constant(field), strict=False):
            yield from comparer.compare(value, other, path)
    elif not comparer.scope.varies(path, "presence"):
        parent = ShapeField(
            field.kind, path[:-1]
        )  # of what lies below a field that is missing nothing more is told
        if parent in recorded.types and parent in live.types and types:
            yield ValueDifference(
                path, "structure", "removed", sides[0], sides[1], "a recorded field is missing"
            )
        elif parent in recorded.types and parent in live.types:
            yield ValueDifference(
                path, "structure", "added", sides[0], sides[1], "a field that was not recorded"
            )
