"""Puts the records of exchanges that overlapped in the order in which things happened."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from itertools import count


def merged[Item](runs: Iterable[tuple[int, Iterable[Item]]], place: Callable[[Item], int]) -> Iterator[Item]:
    """The items of all runs by their places; each run comes with a bound that none of its items lies before.

    The bounds must not fall, and each run keeps its own order. Only the runs that overlap are held.
    """
    waiting: list[tuple[int, int, Item]] = []
    turn = count()
    for begin, run in runs:
        while waiting and waiting[0][0] <= begin:
            yield heapq.heappop(waiting)[2]
        at = begin
        for item in run:
            at = max(at, place(item))
            heapq.heappush(waiting, (at, next(turn), item))
    while waiting:
        yield heapq.heappop(waiting)[2]
