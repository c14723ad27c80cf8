"""Two event streams: their events aligned by type and content, then compared one by one.

What follows from another difference is not told again: the events that never came because the stream broke, or
because an error event ended it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from cassettes.views import timeline
from comparison.alignment.sequences import Edit, edits, trailing
from comparison.exchange.ending_diff import ending_differences, is_open, is_other_ending
from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.heartbeat_diff import heartbeat_differences
from comparison.exchange.progress_diff import fall_differences
from comparison.exchange.stream_events import StreamEvent, event_text, raw, split, whole
from comparison.exchange.timing_diff import stream_timing
from comparison.result import Difference, Uncompared
from comparison.values.json_diff import content_similarity
from comparison.values.json_values import encode
from comparison.values.masking import Masker

RECORDED, LIVE = 0, 1
ERROR = "error"
RENAMED_SIMILARITY = 0.7
"""How much of an event has to be the same for one of another type to be the same one, renamed."""

WHYS = {
    "removed": "a recorded event never came",
    "added": "an event that was not recorded",
    "duplicated": "the event came once more",
    "moved": "the event came in another place",
    "renamed": "clients choose by the type",
}


class StreamPair:
    """The events of both sides, but for heartbeats, and how they are aligned."""

    def __init__(self, pair: ExchangePair) -> None:
        self.pair = pair
        self.recorded, self.recorded_heartbeats = split(timeline.events(pair.recorded))
        self.live, self.live_heartbeats = split(timeline.events(pair.live))
        if is_other_ending(pair) or is_open(pair.recorded) or is_open(pair.live):
            self.recorded, self.live = whole(self.recorded), whole(self.live)
        self._comparers = {
            kind: pair.comparer(kind) for kind in {item.event.type for item in [*self.recorded, *self.live]}
        }
        self._contents: dict[tuple[int, int, str], Any] = {}
        self.edits = self._edits()
        self._contents.clear()

    def _edits(self) -> list[Edit]:
        if list(map(raw, self.recorded)) == list(map(raw, self.live)):
            return [Edit("pair", place, place) for place in range(len(self.live))]
        ours = [self._key(RECORDED, place) for place in range(len(self.recorded))]
        theirs = [self._key(LIVE, place) for place in range(len(self.live))]
        return edits(ours, theirs, self._similarity)

    def _key(self, side: int, place: int) -> Hashable:
        event = (self.recorded, self.live)[side][place].event
        return event.type, event.dispatched, event.cut, encode(self._masked(side, place, event.type))

    def _masked(self, side: int, place: int, kind: str) -> Any:
        """What an event says but for what varies in those of a type: it still does under another name."""
        key = side, place, kind
        if key not in self._contents:
            tokens = (self.pair.tokens.recorded, self.pair.tokens.live)[side]
            item = (self.recorded, self.live)[side][place]
            self._contents[key] = Masker(self._comparers[kind].scope, tokens).masked(item.value)
        return self._contents[key]

    def _similarity(self, left: int, right: int) -> float:
        kind = self.recorded[left].event.type
        alike = content_similarity(self._masked(RECORDED, left, kind), self._masked(LIVE, right, kind))
        if kind == self.live[right].event.type:
            return 0.4 + 0.6 * alike
        return 0.75 * alike if alike >= RENAMED_SIMILARITY else 0.0

    def differences(self) -> Iterator[Difference | Uncompared]:
        """All that differs in the two streams."""
        tail = self._tail()
        lost = self._lost(tail)
        found = [one for edit in self.edits if edit not in tail for one in self._of(edit, lost)]
        yield from ending_differences(self.pair, lost)
        yield from found
        if is_open(self.pair.live) and (tail or not is_open(self.pair.recorded)):
            yield self.pair.uncompared(f"the live stream was left early: {lost or 'its end is missing'}")
        yield from self._falls(found)
        yield from identity_differences(self.pair, self.recorded, self.live)
        if not (tail or is_other_ending(self.pair)):  # else their number and the time follow from that
            yield from heartbeat_differences(self.pair, self.recorded_heartbeats, self.live_heartbeats)
            yield from stream_timing(self.pair, self._times())

    def _times(self) -> list[tuple[int, int, int]]:
        """When the events of each pair came, and the place of the live one."""
        pairs = [(edit.left, edit.right) for edit in self.edits if edit.what == "pair"]
        return [
            (self.recorded[left].event.at, self.live[right].event.at, self.live[right].place)
            for left, right in pairs
            if left is not None and right is not None
        ]

    def _tail(self) -> frozenset[Edit]:
        """The edits at the end that follow from how the stream ended."""
        pair = self.pair
        broke = is_other_ending(pair) and "ending" in pair.rules.aspects
        missing = frozenset(trailing(self.edits, "removed", len(self.recorded)))
        extra = frozenset(trailing(self.edits, "added", len(self.live)))
        if is_open(pair.live) or (broke and pair.live.end.how != "complete"):
            return missing
        if is_open(pair.recorded) or broke:
            return extra
        return missing if self._ends_with_error() and "events" in pair.rules.aspects else frozenset()

    def _ends_with_error(self) -> bool:
        """Whether the last live event is an error that was not recorded."""
        last = max((edit for edit in self.edits if edit.right is not None), key=right_of, default=None)
        return (
            last is not None
            and last.what == "added"
            and last.right == len(self.live) - 1
            and self.live[-1].event.type == ERROR
        )

    def _lost(self, tail: frozenset[Edit]) -> str:
        lost = sorted(edit.left for edit in tail if edit.left is not None)
        names = ", ".join(self.recorded[place].event.type for place in lost[:5])
        more = ", ..." if len(lost) > 5 else ""
        return f"{len(lost)} recorded events did not come ({names}{more})" if lost else ""

    def _of(self, edit: Edit, lost: str) -> Iterator[Difference]:
        """What an edit says, and in what the events of a pair differ; `lost` is what an error event cost."""
        if edit.left is None or edit.right is None:
            cost = lost and edit.right == len(self.live) - 1 and self.live[-1].event.type == ERROR
            yield self._event_difference(edit, edit.what, f"; {lost}" if cost else "")
            return
        left, right = self.recorded[edit.left], self.live[edit.right]
        if edit.what == "moved":
            yield self._event_difference(edit, "moved")
        if left.event.type != right.event.type:
            yield self._event_difference(edit, "renamed")
        if (left.event.cut, left.event.dispatched) != (right.event.cut, right.event.dispatched):
            yield self._event_difference(edit, "changed", "clients never see the one, and see the other")
        if left.event.retry != right.event.retry:
            words = (f"retry {one.event.retry}" for one in (left, right))
            yield self._event_difference(
                edit, "changed", f"clients reconnect after another time: {', then '.join(words)}"
            )
        if left.event.data != right.event.data:
            comparer = self._comparers[left.event.type]
            yield from self.pair.contents(comparer, left.value, right.value, (left.place, right.place))

    def _event_difference(self, edit: Edit, change: Any, more: str = "") -> Difference:
        left = None if edit.left is None else self.recorded[edit.left]
        right = None if edit.right is None else self.live[edit.right]
        named = left or right
        assert named is not None
        return self.pair.difference(
            "events",
            change,
            event_text(left),
            event_text(right),
            WHYS.get(change, "") + more,
            events=(left and left.place, right and right.place),
            event=named.event.type,
        )

    def _falls(self, found: Sequence[Difference]) -> Iterator[Difference]:
        """Where the live progress goes back, unless that has been told."""
        ours, theirs = ([(item.place, item.value) for item in side] for side in (self.recorded, self.live))
        aspects = self.pair.rules.aspects
        told_of = {
            one.live_at.event for one in found if one.live_at.event is not None and one.aspect in aspects
        }
        yield from fall_differences(self.pair, ours, theirs, told_of)


def right_of(edit: Edit) -> int:
    """Its place on the live side, -1 when it has none."""
    return -1 if edit.right is None else edit.right


def identity_differences(
    pair: ExchangePair, recorded: Sequence[StreamEvent], live: Sequence[StreamEvent]
) -> Iterator[Difference]:
    """When one stream's events have ids and the other's have none: a client cannot resume without."""
    ours, theirs = (any(item.event.id for item in side) for side in (recorded, live))
    if ours != theirs and recorded and live:
        words = {True: "events with ids", False: "events without ids"}
        why = "clients resume a stream by its last event's id"
        yield pair.difference("events", "changed", words[ours], words[theirs], why)
