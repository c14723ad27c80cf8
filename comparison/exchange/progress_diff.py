"""Finds where progress goes back although it never did so in the recording.

recorded  10, 50, 100        live  10, 60, 40, 100: the fall (60, 40) is a difference
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Any, NamedTuple

from cassettes.views.job_states import number
from comparison.exchange.exchange_pair import ExchangePair
from comparison.result import Difference

type Reports = Sequence[tuple[int, Any]]
"""What may hold a progress: the place of each event (or the number of each poll), and its data."""


class Progress(NamedTuple):
    """A progress in percent, and the place of the event, or the number of the poll, that reported it."""

    place: int
    value: float


type Fall = tuple[Progress, Progress]
"""The progress before and after it went back."""


def fall_differences(
    pair: ExchangePair, recorded: Reports, live: Reports, explained: AbstractSet[int]
) -> Iterator[Difference]:
    """Yields the first place where the live progress goes back, when the recorded one never does.

    Live events in `explained` already have a difference from which it follows.
    """
    fall = first_new_fall(recorded, live, explained)
    if fall is not None:
        before, after = fall
        yield pair.difference(
            "progress",
            "changed",
            "it never goes back",
            f"{before.value:g} %, then {after.value:g} %",
            "the progress goes back",
            events=(None, after.place),
            event="progress",
            pointer="/progress",
        )


def first_new_fall(recorded: Reports, live: Reports, explained: AbstractSet[int | None]) -> Fall | None:
    """Returns the first live fall of which no place is `explained`; None when the recording has falls, too."""
    if any(falls(recorded)):
        return None
    return next(
        (fall for fall in falls(live) if explained.isdisjoint({fall[0].place, fall[1].place})),
        None,
    )


def falls(reports: Reports) -> Iterator[Fall]:
    """Yields each two successive progress values of which the second is less."""
    values = [
        Progress(place, value)
        for place, data in reports
        if isinstance(data, dict) and (value := number(data.get("progress"))) is not None
    ]
    return ((before, after) for before, after in pairwise(values) if after.value < before.value)
