"""Timing, when it is asked for: a ratio beside an absolute floor.

A stream is compared by the gap before each event (the first one's is the time to first event), and as a whole only
where no gap tells of it; anything else by the time to its head and its whole time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from comparison.exchange.exchange_pair import ExchangePair
from comparison.result import Aspect, Difference

ASPECT: Aspect = "timing"


def stream_timing(pair: ExchangePair, times: Sequence[tuple[int, int, int]]) -> Iterator[Difference]:
    """The gaps of a stream that are too long or too short; `times` are those of events that are a pair."""
    if ASPECT not in pair.rules.aspects:
        return
    before = (pair.recorded.request.at, pair.live.request.at)
    found: list[Difference] = []
    for number, (recorded, live, place) in enumerate(times):
        name = "the gap" if number else "the time to the first event"
        found += list(duration_differences(pair, recorded - before[0], live - before[1], name, place))
        before = (recorded, live)
    yield from found or duration_differences(pair, *pair.times, "the whole time")


def answer_timing(pair: ExchangePair) -> Iterator[Difference]:
    """The time to the head of an answer that is no stream, or else its whole time."""
    recorded, live = pair.recorded, pair.live
    if ASPECT not in pair.rules.aspects or recorded.response is None or live.response is None:
        return
    heads = (recorded.response.at - recorded.request.at, live.response.at - live.request.at)
    found = list(duration_differences(pair, *heads, "the time to the response"))
    yield from found or duration_differences(pair, *pair.times, "the whole time")


def job_timing(last: ExchangePair, first: ExchangePair) -> Iterator[Difference]:
    """The time from a job's first poll to its end, when it took too long or was too quick."""
    if ASPECT in last.rules.aspects:
        times = (
            last.recorded.end.at - first.recorded.request.at,
            last.live.end.at - first.live.request.at,
        )
        yield from duration_differences(last, *times, "the job's time")


def duration_differences(
    pair: ExchangePair, recorded: int, live: int, name: str, place: int | None = None
) -> Iterator[Difference]:
    """When one of two durations, in microseconds, is too long beside the other."""
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
    """A duration for a person."""
    return f"{microseconds / 1e6:.3f} s"
