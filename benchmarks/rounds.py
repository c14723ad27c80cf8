"""Measures sides in turns, so that what else the machine does affects all of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

ROUNDS = 3
"""How often each side is measured."""


def in_turns[Result](rounds: int, *sides: Callable[[], Result]) -> list[list[Result]]:
    """The results of each side, one for each round; the side that begins changes from round to round."""
    results: list[list[Result]] = [[] for _ in sides]
    for number in range(rounds):
        for turn in range(len(sides)):
            side = (number + turn) % len(sides)
            results[side].append(sides[side]())
    return results


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least so many percent of the values do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def percentiles(measured: Sequence[Sequence[float]], percent: float) -> list[float]:
    """The percentile of each round's values."""
    return [percentile(values, percent) for values in measured]
