"""Compares how long two jobs took from state to state, whatever the distance between their polls.

A poll only bounds when a state began: after the poll before it was made, and by the time when this one was answered.
Two durations differ where even the nearest times within these bounds do. For jobs that run for 7 seconds, in seconds:

    recorded  created 0   poll 5 running   poll 10 completed    completed after more than 5, by 10
    live      created 0   polls 1 to 6 running   7 completed    completed after more than 6, by 7     no difference
    live      created 0   polls 1, 2 running     3 completed    completed after more than 2, by 3     3 instead of 5
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.timing_diff import ASPECT, duration_differences
from comparison.result import Difference


class StateBegin(NamedTuple):
    """When a state began: after `after` and by `by`, in microseconds; `after` is None where nothing was seen before."""

    after: int | None
    by: int


class TimedPair(NamedTuple):
    """A state of both jobs: the polls that saw it first, and when it began."""

    polls: ExchangePair
    recorded: StateBegin
    live: StateBegin


def job_timing(pairs: Sequence[TimedPair]) -> Iterator[Difference]:
    """Yields the states that took too long or too short to come, or else the difference in the time of the whole job.

    `pairs` are the states of both in their order; the first is the job's creation, where that was recorded.
    """
    if not pairs or ASPECT not in pairs[0].polls.rules.aspects:
        return
    found = [
        difference
        for before, after in pairwise(pairs)
        for difference in passed_differences(before, after, "the time to this state")
    ]
    yield from found or passed_differences(pairs[0], pairs[-1], "the job's time")


def passed_differences(begin: TimedPair, end: TimedPair, name: str) -> Iterator[Difference]:
    """Yields the difference in the time between two states, if their bounds do not leave room for the same."""
    recorded, live = between(begin.recorded, end.recorded), between(begin.live, end.live)
    if recorded.by < live.after:
        yield from duration_differences(end.polls, int(recorded.by), live.after, name)
    elif live.by < recorded.after:
        yield from duration_differences(end.polls, recorded.after, int(live.by), name)


class DurationBounds(NamedTuple):
    """The least and the most that a duration can be, in microseconds."""

    after: int
    by: float


def between(begin: StateBegin, end: StateBegin) -> DurationBounds:
    """Returns the bounds of the time from one state to another."""
    least = 0 if end.after is None else max(0, end.after - begin.by)
    return DurationBounds(least, float("inf") if begin.after is None else end.by - begin.after)
