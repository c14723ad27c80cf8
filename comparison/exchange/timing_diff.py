"""Compares timing, when the rules include it: two durations differ by their ratio, above an absolute floor.

A stream is compared by the gap before each event (before the first one, the time to first event); only when no gap
differs, its whole time is. Other responses are compared by the time to the head, or else by their whole time.

    recorded  events at 1.0, 2.0, 3.0 s     gaps 1.0, 1.0, 1.0
    live      events at 1.1, 6.1, 7.1 s     gaps 1.1, 5.0, 1.0    one difference: the second gap is 5.0 times as long
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from comparison.exchange.exchange_pair import ExchangePair
from comparison.result import Aspect, Difference

ASPECT: Aspect = "timing"


def stream_timing(pair: ExchangePair, times: Sequence[tuple[int, int, int]]) -> Iterator[Difference]:
    """Yields the gaps of a stream that are too long or too short.

    `times` has, for each pair of events, when the recorded and the live one came, in microseconds, and the place of the
    live one.
    """
    if ASPECT not in pair.rules.aspects:
        return
    before = (pair.recorded.request.at, pair.live.request.at)
    found: list[Difference] = []
    for number, (recorded, live, place) in enumerate(times):
        name = "the gap" if number else "the time to the first event"
        found += list(duration_differences(pair, recorded - before[0], live - before[1], name, place))
        before = (recorded, live)
    yield from found or duration_differences(pair, *pair.times, "the whole time")


def response_timing(pair: ExchangePair) -> Iterator[Difference]:
    """Yields the difference in the time to the head of a response that is no stream, or else in its whole time."""
    recorded, live = pair.recorded, pair.live
    if ASPECT not in pair.rules.aspects or recorded.response is None or live.response is None:
        return
    heads = (recorded.response.at - recorded.request.at, live.response.at - live.request.at)
    found = list(duration_differences(pair, *heads, "the time to the response"))
    yield from found or duration_differences(pair, *pair.times, "the whole time")


def duration_differences(
    pair: ExchangePair, recorded: int, live: int, name: str, place: int | None = None
) -> Iterator[Difference]:
    """Yields the difference of two durations in microseconds that differ by more than both ratio and floor."""
    ratio = pair.rules.noise.timing or pair.rules.tolerance.timing
    longer, shorter = max(recorded, live), min(recorded, live)
    if longer - shorter > pair.rules.tolerance.floor and longer > shorter * ratio:
        times = longer / shorter if shorter > 0 else float("inf")
        word = "long" if live > recorded else "short"
        why = f"{name} is {times:.1f} times as {word}" if shorter > 0 else f"{name} was none"
        yield pair.difference(
            ASPECT,
            "changed",
            seconds(recorded),
            seconds(live),
            why,
            events=(None, place),
            measure=times if shorter > 0 else None,
        )


def seconds(microseconds: int) -> str:
    """Returns a duration for a person."""
    return f"{microseconds / 1e6:.3f} s"
