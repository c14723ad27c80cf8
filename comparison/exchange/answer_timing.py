"""Compares how an answer came over time: the time to its first token, its longest gap, and how long it took in all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from cassettes.answers.answer import Answer
from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.timing_diff import ASPECT, duration_differences
from comparison.result import Difference


def answer_timing(pair: ExchangePair, recorded: Answer, live: Answer) -> Iterator[Difference]:
    """Yields the differences in time, when the rules include it; the whole time only where nothing else differs."""
    times, live_times = ([piece.at for piece in answer.pieces] for answer in (recorded, live))
    if ASPECT not in pair.rules.aspects or not times or not live_times:
        return
    firsts = times[0] - pair.recorded.request.at, live_times[0] - pair.live.request.at
    found = [
        *duration_differences(pair, *firsts, "the time to the first token"),
        *duration_differences(
            pair, longest_gap(times), longest_gap(live_times), "the longest gap between tokens"
        ),
    ]
    rates = f"{rate(recorded, times)}, then {rate(live, live_times)} characters a second"
    yield from found or duration_differences(pair, *pair.times, f"the whole time ({rates})")


def longest_gap(times: list[int]) -> int:
    """Returns the longest time between two successive ones, in microseconds."""
    return max((after - before for before, after in pairwise(times)), default=0)


def rate(answer: Answer, times: list[int]) -> str:
    """Returns how many characters came in a second, for a person."""
    took = times[-1] - times[0]
    return f"{sum(len(piece.text) for piece in answer.pieces) / took * 1e6:.0f}" if took > 0 else "all"
