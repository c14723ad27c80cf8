"""Compares two event streams: their events are aligned by type and content, then compared pair by pair.

What follows from another difference is not reported again, such as the events that never came because the stream
broke, or because an error event ended it:

    recorded  connected  progress 10  progress 50  result  complete
    live      connected  progress 10  error

    one difference: the event "error" was added; 3 recorded events did not come (progress, result, complete)
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from cassettes.framings.event import Event
from cassettes.views import timeline
from comparison.alignment.sequences import Edit, edits, trailing
from comparison.exchange.ending_diff import ending_differences, is_open, is_other_ending
from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.heartbeat_diff import heartbeat_differences
from comparison.exchange.progress_diff import fall_differences
from comparison.exchange.stream_events import StreamEvent, event_text, raw, split, without_cut
from comparison.exchange.timing_diff import stream_timing
from comparison.result import Difference, Uncompared
from comparison.values.json_diff import content_similarity
from comparison.values.json_values import encode
from comparison.values.masking import Masker

RECORDED, LIVE = 0, 1
ERROR = "error"
RENAMED_SIMILARITY = 0.7
"""The similarity (0 to 1) of the data of two events of different types that makes one of them the renamed other."""

WHYS = {
    "removed": "a recorded event never came",
    "added": "an event that was not recorded",
    "duplicated": "the event came once more",
    "moved": "the event came in another place",
    "renamed": "clients choose by the type",
}


class StreamPair:
    """The events of both sides without heartbeats, and `edits`, which align them."""

    def __init__(self, pair: ExchangePair) -> None:
        self.pair = pair
        self.recorded, self.recorded_heartbeats = split(timeline.events(pair.recorded))
        self.live, self.live_heartbeats = split(timeline.events(pair.live))
        if is_other_ending(pair) or is_open(pair.recorded) or is_open(pair.live):
            self.recorded, self.live = without_cut(self.recorded), without_cut(self.live)
        self._comparers = {
            kind: pair.comparer(kind) for kind in {item.event.type for item in [*self.recorded, *self.live]}
        }
        self._contents: dict[tuple[int, int, str], Any] = {}
        self.edits = self._edits()
        self._contents.clear()

    def _edits(self) -> list[Edit]:
        if list(map(raw, self.recorded)) == list(map(raw, self.live)):
            return [Edit("pair", place, place) for place in range(len(self.live))]
        recorded_keys = [self._key(RECORDED, place) for place in range(len(self.recorded))]
        live_keys = [self._key(LIVE, place) for place in range(len(self.live))]
        return edits(recorded_keys, live_keys, self._similarity)

    def _key(self, side: int, place: int) -> Hashable:
        """Returns what is equal for events that differ in volatile parts only."""
        event = (self.recorded, self.live)[side][place].event
        return event.type, event.dispatched, event.cut, encode(self._masked(side, place, event.type))

    def _masked(self, side: int, place: int, kind: str) -> Any:
        """Returns the data of an event with what varies in events of type `kind` masked.

        Of events that may be renamed, both are masked as the recorded type is.
        """
        key = side, place, kind
        if key not in self._contents:
            tokens = (self.pair.tokens.recorded, self.pair.tokens.live)[side]
            item = (self.recorded, self.live)[side][place]
            self._contents[key] = Masker(self._comparers[kind].scope, tokens).masked(item.value)
        return self._contents[key]

    def _similarity(self, left: int, right: int) -> float:
        """Returns the similarity of two events for the alignment: from 0.4 for one type, at most 0.75 for two."""
        kind = self.recorded[left].event.type
        content = content_similarity(self._masked(RECORDED, left, kind), self._masked(LIVE, right, kind))
        if kind == self.live[right].event.type:
            return 0.4 + 0.6 * content
        return 0.75 * content if content >= RENAMED_SIMILARITY else 0.0

    def differences(self) -> Iterator[Difference | Uncompared]:
        """Yields all differences between the two streams, and what could not be compared."""
        consequences = self._consequences_of_the_end()
        lost = self._lost_events_text(consequences)
        found = [
            difference
            for edit in self.edits
            if edit not in consequences
            for difference in self._edit_differences(edit, lost)
        ]
        yield from ending_differences(self.pair, lost)
        yield from found
        if is_open(self.pair.live) and (consequences or not is_open(self.pair.recorded)):
            yield self.pair.uncompared(f"the live stream was left early: {lost or 'its end is missing'}")
        yield from self._fall_differences(found)
        yield from identity_differences(self.pair, self.recorded, self.live)
        if not (consequences or is_other_ending(self.pair)):  # else heartbeats and times follow from that
            yield from heartbeat_differences(self.pair, self.recorded_heartbeats, self.live_heartbeats)
            yield from stream_timing(self.pair, self._times())

    def _consequences_of_the_end(self) -> frozenset[Edit]:
        """Returns the edits at the end of the streams that follow from how one of them ended."""
        pair = self.pair
        other_ending = is_other_ending(pair) and "ending" in pair.rules.aspects
        missing = frozenset(trailing(self.edits, "removed", len(self.recorded)))
        extra = frozenset(trailing(self.edits, "added", len(self.live)))
        if is_open(pair.live) or (other_ending and pair.live.end.how != "complete"):
            return missing
        if is_open(pair.recorded) or other_ending:
            return extra
        return missing if self._ends_with_new_error() and "events" in pair.rules.aspects else frozenset()

    def _ends_with_new_error(self) -> bool:
        """Tells whether the last live event is an error that was not recorded."""
        last = max((edit for edit in self.edits if edit.right is not None), key=live_place, default=None)
        return last is not None and last.what == "added" and self._is_last_error(last)

    def _is_last_error(self, edit: Edit) -> bool:
        """Tells whether an edit has the last live event, and that is an error."""
        return edit.right == len(self.live) - 1 and self.live[-1].event.type == ERROR

    def _lost_events_text(self, consequences: AbstractSet[Edit]) -> str:
        """Returns in words which recorded events did not come because of how the live stream ended."""
        lost = sorted(edit.left for edit in consequences if edit.left is not None)
        names = ", ".join(self.recorded[place].event.type for place in lost[:5])
        more = ", ..." if len(lost) > 5 else ""
        return f"{len(lost)} recorded events did not come ({names}{more})" if lost else ""

    def _edit_differences(self, edit: Edit, lost: str) -> Iterator[Difference]:
        """Yields the differences that an edit stands for; `lost` is added to an error that ended the live stream."""
        if edit.left is None or edit.right is None:
            because = f"; {lost}" if lost and self._is_last_error(edit) else ""
            yield self._event_difference(edit, edit.what, because)
            return
        recorded, live = self.recorded[edit.left], self.live[edit.right]
        if edit.what == "moved":
            yield self._event_difference(edit, "moved")
        if recorded.event.type != live.event.type:
            yield self._event_difference(edit, "renamed")
        yield from self._frame_differences(edit, recorded.event, live.event)
        if recorded.event.data != live.event.data:
            comparer = self._comparers[recorded.event.type]
            places = recorded.place, live.place
            yield from self.pair.contents(comparer, recorded.value, live.value, places)

    def _frame_differences(self, edit: Edit, recorded: Event, live: Event) -> Iterator[Difference]:
        """Yields in what two events differ beside their types and data, as the SSE standard reads them."""
        if (recorded.cut, recorded.dispatched) != (live.cut, live.dispatched):
            yield self._event_difference(edit, "changed", "clients never see the one, and see the other")
        if recorded.retry != live.retry:
            why = f"clients reconnect after another time: retry {recorded.retry}, then retry {live.retry}"
            yield self._event_difference(edit, "changed", why)

    def _event_difference(self, edit: Edit, change: Any, more: str = "") -> Difference:
        """Returns the difference that an event as a whole has; `more` is added to why it counts."""
        recorded = None if edit.left is None else self.recorded[edit.left]
        live = None if edit.right is None else self.live[edit.right]
        present = recorded or live
        assert present is not None
        return self.pair.difference(
            "events",
            change,
            event_text(recorded),
            event_text(live),
            WHYS.get(change, "") + more,
            events=(recorded and recorded.place, live and live.place),
            event=present.event.type,
        )

    def _fall_differences(self, found: Sequence[Difference]) -> Iterator[Difference]:
        """Yields where the live progress goes back, unless a difference that was found explains it."""
        recorded, live = ([(item.place, item.value) for item in side] for side in (self.recorded, self.live))
        aspects = self.pair.rules.aspects
        explained = {
            one.live_at.event for one in found if one.live_at.event is not None and one.aspect in aspects
        }
        yield from fall_differences(self.pair, recorded, live, explained)

    def _times(self) -> list[tuple[int, int, int]]:
        """Returns, for each pair of events, when both came in microseconds, and the place of the live one."""
        pairs = [(edit.left, edit.right) for edit in self.edits if edit.what == "pair"]
        return [
            (self.recorded[left].event.at, self.live[right].event.at, self.live[right].place)
            for left, right in pairs
            if left is not None and right is not None
        ]


def live_place(edit: Edit) -> int:
    """Returns the place of an edit among the live events, -1 when it has none."""
    return -1 if edit.right is None else edit.right


def identity_differences(
    pair: ExchangePair, recorded: Sequence[StreamEvent], live: Sequence[StreamEvent]
) -> Iterator[Difference]:
    """Yields the difference that only the events of one stream have ids, without which no client can resume it."""
    recorded_ids, live_ids = (any(item.event.id for item in side) for side in (recorded, live))
    if recorded_ids != live_ids and recorded and live:
        words = {True: "events with ids", False: "events without ids"}
        why = "clients resume a stream by its last event's id"
        yield pair.difference("events", "changed", words[recorded_ids], words[live_ids], why)
