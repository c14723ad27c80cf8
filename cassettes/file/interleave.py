"""Merges the records of exchanges that overlapped into the order in which things happened.

Each exchange is a *run*: its own records in their order, with a bound that none of them lies before. With the bounds
0, 1 and 9, and times as the records,

    runs     (0, [0, 5]), (1, [1, 2]), (9, [9])
    merged   0, 1, 2, 5, 9

the record 5 waits for the run that begins at 1, and is given out before the run that begins at 9 is read.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from itertools import count


def merged[Item](runs: Iterable[tuple[int, Iterable[Item]]], place: Callable[[Item], int]) -> Iterator[Item]:
    """Yield the items of all runs in the order of `place`; each run keeps its own order, even where places fall.

    The bounds of the runs must not fall. Only the runs that overlap are held in memory.
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
