"""Compares heartbeats: whether there are as many as fit into the time, and what their data says.

recorded  4 heartbeats in 8 s, one every 2 s
live      7 heartbeats in 14 s: 4 * 14 / 8 = 7 are expected, so this is no difference
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cassettes.framings.event import Event
from cassettes.views.timeline import HEARTBEAT
from comparison.exchange.exchange_pair import ExchangePair
from comparison.result import Difference
from comparison.values.json_values import read


def heartbeat_differences(
    pair: ExchangePair, recorded: Sequence[Event], live: Sequence[Event]
) -> Iterator[Difference]:
    """Yields the differences in the number of heartbeats and in their data."""
    if pair.rules.noise.heartbeats:
        return
    times = pair.times
    allowed = pair.rules.tolerance.heartbeats
    if not is_expected(len(recorded), len(live), *times, allowed):
        yield pair.difference(
            "heartbeats",
            "changed",
            counted(len(recorded), times[0]),
            counted(len(live), times[1]),
            "more or fewer heartbeats than the time allows for",
            event=HEARTBEAT,
        )
    yield from data_differences(pair, recorded, live)


def is_expected(recorded: int, live: int, recorded_time: int, live_time: int, allowed: float) -> bool:
    """Tells whether two counts are equal, or one is what the pace of the other gives in its time, within `allowed`."""
    if recorded == live:
        return True
    expected_live = recorded * live_time / recorded_time if recorded_time else recorded
    expected_recorded = live * recorded_time / live_time if live_time else live
    return abs(live - expected_live) <= allowed or abs(recorded - expected_recorded) <= allowed


def counted(count: int, time: int) -> str:
    """Returns a number of heartbeats and how often they came in a time in microseconds, for a person."""
    if not count:
        return f"none in {time / 1e6:.1f} s"
    return f"{count} in {time / 1e6:.1f} s, one every {time / 1e6 / count:.1f} s"


def data_differences(
    pair: ExchangePair, recorded: Sequence[Event], live: Sequence[Event]
) -> Sequence[Difference]:
    """Returns the differences of the first pair of heartbeats that has any; those of all others would repeat them."""
    comparer = pair.comparer(HEARTBEAT)
    for heartbeat, live_heartbeat in zip(recorded, live, strict=False):
        if heartbeat.data != live_heartbeat.data:
            found = list(pair.contents(comparer, read(heartbeat.data), read(live_heartbeat.data)))
            if found:
                return found
    return []
