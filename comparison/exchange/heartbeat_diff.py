"""Heartbeats: as many as the time allows for, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cassettes.sse import Event
from cassettes.views.timeline import HEARTBEAT
from comparison.exchange.exchange_pair import ExchangePair
from comparison.result import Difference
from comparison.values.json_values import read


def heartbeat_differences(
    pair: ExchangePair, recorded: Sequence[Event], live: Sequence[Event]
) -> Iterator[Difference]:
    """When there are more or fewer than there should be, or when they say something else."""
    if pair.rules.noise.heartbeats:
        return
    times = pair.times
    allowed = pair.rules.tolerance.heartbeats
    if not fits(len(recorded), len(live), *times, allowed):
        yield pair.difference(
            "heartbeats",
            "changed",
            counted(len(recorded), times[0]),
            counted(len(live), times[1]),
            "more or fewer heartbeats than the time allows for",
            event=HEARTBEAT,
        )
    yield from content_differences(pair, recorded, live)


def fits(recorded: int, live: int, recorded_time: int, live_time: int, allowed: float) -> bool:
    """Whether two counts are the same, or each is what the other's distance gives in its own time."""
    if recorded == live:
        return True
    expected = recorded * live_time / recorded_time if recorded_time else recorded
    backwards = live * recorded_time / live_time if live_time else live
    return abs(live - expected) <= allowed or abs(recorded - backwards) <= allowed


def counted(count: int, time: int) -> str:
    """How many there are, and how often."""
    if not count:
        return f"none in {time / 1e6:.1f} s"
    return f"{count} in {time / 1e6:.1f} s, one every {time / 1e6 / count:.1f} s"


def content_differences(
    pair: ExchangePair, recorded: Sequence[Event], live: Sequence[Event]
) -> Sequence[Difference]:
    """In what the first pair of heartbeats differs that does; the others will be like it."""
    comparer = pair.comparer(HEARTBEAT)
    for left, right in zip(recorded, live, strict=False):
        if left.data != right.data:
            found = list(pair.contents(comparer, read(left.data), read(right.data)))
            if found:
                return found
    return []
