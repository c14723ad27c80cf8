"""Progress: it never goes back, unless it did so when it was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Any

from cassettes.views.jobs import number
from comparison.exchange.exchange_pair import ExchangePair
from comparison.result import Difference

type Told = Sequence[tuple[int, Any]]
"""What says a progress: the place of the event, and its data."""


def fall_differences(
    pair: ExchangePair, recorded: Told, live: Told, told_of: AbstractSet[int]
) -> Iterator[Difference]:
    """The first place where the live progress goes back, when the recorded one never does.

    Where one of the two events is `told_of` already, it follows from that.
    """
    if any(falls(recorded)):
        return
    for before, after in falls(live):
        if before[0] not in told_of and after[0] not in told_of:
            yield pair.difference(
                "progress",
                "changed",
                "it never goes back",
                f"{before[1]:g} %, then {after[1]:g} %",
                "the progress goes back",
                events=(None, after[0]),
                event="progress",
                pointer="/progress",
            )
            return


def falls(told: Told) -> Iterator[tuple[tuple[int, float], tuple[int, float]]]:
    """Where progress goes back: the places and the values before and after."""
    values = [
        (place, value)
        for place, data in told
        if isinstance(data, dict) and (value := number(data.get("progress"))) is not None
    ]
    return ((before, after) for before, after in pairwise(values) if after[1] < before[1])
