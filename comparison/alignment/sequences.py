"""Aligns two sequences, so that one missing item is one edit and not a shifted tail.

First the longest common subsequence of what is the same, by key (bit-parallel, in rapidfuzz). What lies between its
parts is paired by similarity (Needleman and Wunsch, 1970), with gaps that cost nothing and pairs that must be worth
it. Then what is missing here and stands there was moved, and what came once more was duplicated.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel

MOST_CELLS = 250_000
"""Pairs of items between two parts that are looked at; of more, each is paired with its counterpart in order."""

MOST_BITS = 1 << 28
"""Of the table for the common subsequence: 32 MiB."""

LEAST_SIMILARITY = 0.35
"""What is less alike is no pair."""

MOVED_SIMILARITY = 0.8
"""What was moved may have changed a little."""

type Similarity = Callable[[int, int], float]
"""How alike two items are, from 0 to 1, by their places left and right."""


class Edit(NamedTuple):
    """What became of an item, with its places left and right; a pair may still differ inside."""

    what: Literal["pair", "removed", "added", "moved", "duplicated"]
    left: int | None
    right: int | None

    @property
    def place(self) -> int:
        """Where it is in the left sequence, in the right one if it is only there."""
        return self.left if self.left is not None else self.right or 0


def edits(left: Sequence[Hashable], right: Sequence[Hashable], similarity: Similarity) -> list[Edit]:
    """How the right sequence comes of the left one, in the order of the right; `left` and `right` are the keys."""
    pairs = align(left, right, similarity)
    gone, come = unpaired(pairs, len(left), len(right))
    moves = dict(_moved(left, right, gone, come, similarity))
    known = {left[place] for place, _ in pairs} | {left[place] for place in moves}
    found = [Edit("pair", *pair) for pair in pairs]
    found += [Edit("moved", *move) for move in moves.items()]
    found += [Edit("removed", place, None) for place in gone if place not in moves]
    moved_here = frozenset(moves.values())
    for place in come:
        if place not in moved_here:
            found.append(Edit("duplicated" if right[place] in known else "added", None, place))
    return in_order(found, pairs)


def in_order(found: list[Edit], pairs: Sequence[tuple[int, int]]) -> list[Edit]:
    """Edits in the order of the right sequence; what was removed follows what it followed."""
    after = dict(pairs)
    place = -1
    for number in range(max((edit.left or 0 for edit in found), default=0) + 1):
        place = after.setdefault(number, place)
    return sorted(
        found,
        key=lambda edit: (
            (edit.right, -1) if edit.right is not None else (after[edit.left or 0], edit.left or 0)
        ),
    )


def align(
    left: Sequence[Hashable], right: Sequence[Hashable], similarity: Similarity
) -> list[tuple[int, int]]:
    """The pairs of places that belong together, in order on both sides."""
    pairs: list[tuple[int, int]] = []
    for (i, j), (stop_i, stop_j) in pairwise([(-1, -1), *common(left, right), (len(left), len(right))]):
        pairs += between(range(i + 1, stop_i), range(j + 1, stop_j), similarity)
        if stop_i < len(left):
            pairs.append((stop_i, stop_j))
    return pairs


def common(left: Sequence[Hashable], right: Sequence[Hashable]) -> Iterator[tuple[int, int]]:
    """The places of a longest common subsequence."""
    known: dict[Hashable, int] = {}
    ours, theirs = ([known.setdefault(key, len(known)) for key in keys] for keys in (left, right))
    head = 0
    while head < min(len(ours), len(theirs)) and ours[head] == theirs[head]:
        yield head, head
        head += 1
    tail = 0
    while tail < min(len(ours), len(theirs)) - head and ours[-1 - tail] == theirs[-1 - tail]:
        tail += 1
    ours, theirs = ours[head : len(ours) - tail], theirs[head : len(theirs) - tail]
    if len(ours) * len(theirs) <= MOST_BITS:
        for block in Indel.opcodes(ours, theirs):
            if block.tag == "equal":
                for step in range(block.src_end - block.src_start):
                    yield head + block.src_start + step, head + block.dest_start + step
    for place in range(tail, 0, -1):
        yield len(left) - place, len(right) - place


def between(left: range, right: range, similarity: Similarity) -> list[tuple[int, int]]:
    """Pairs items that are not the same, so that they are as alike as can be in all."""
    if not left or not right:
        return []
    if len(left) * len(right) > MOST_CELLS:
        return [pair for pair in zip(left, right, strict=False) if similarity(*pair) >= LEAST_SIMILARITY]
    best, table = [0.0] * (len(right) + 1), []
    for i in left:
        row, steps = [0.0], bytearray(1)
        for place, j in enumerate(right):
            alike = similarity(i, j)
            pair = best[place] + alike if alike >= LEAST_SIMILARITY else -1.0
            score = max(pair, best[place + 1], row[place])
            steps.append(PAIR if score == pair else UP if score == best[place + 1] else BACK)
            row.append(score)
        best = row
        table.append(steps)
    return list(_trace(table, left, right))[::-1]


PAIR, UP, BACK = 1, 2, 3


def _trace(table: Sequence[bytearray], left: range, right: range) -> Iterator[tuple[int, int]]:
    """The pairs of the best way through the table, the last one first."""
    row, column = len(left), len(right)
    while row and column:
        step = table[row - 1][column]
        if step == PAIR:
            yield left[row - 1], right[column - 1]
        row -= step != BACK
        column -= step != UP


def unpaired(pairs: Sequence[tuple[int, int]], left: int, right: int) -> tuple[list[int], list[int]]:
    """The places on each side that are in no pair."""
    ours, theirs = {i for i, _ in pairs}, {j for _, j in pairs}
    return [i for i in range(left) if i not in ours], [j for j in range(right) if j not in theirs]


def _moved(
    left: Sequence[Hashable],
    right: Sequence[Hashable],
    gone: Sequence[int],
    come: Sequence[int],
    similarity: Similarity,
) -> Iterator[tuple[int, int]]:
    """Which of those that are gone stand elsewhere."""
    waiting: dict[Hashable, deque[int]] = defaultdict(deque)
    for place in come:
        waiting[right[place]].append(place)
    rest = []
    for place in gone:
        if waiting[left[place]]:
            yield place, waiting[left[place]].popleft()
        else:
            rest.append(place)
    free = sorted(place for places in waiting.values() for place in places)
    if len(rest) * len(free) <= MOST_CELLS:
        for place in rest:
            near = max(free, key=lambda other: similarity(place, other), default=None)
            if near is not None and similarity(place, near) >= MOVED_SIMILARITY:
                free.remove(near)
                yield place, near


def trailing(found: Sequence[Edit], what: str, count: int) -> Iterator[Edit]:
    """The edits of one kind with which a side of `count` items ends."""
    at = {edit.place: edit for edit in found if edit.what == what}
    for place in range(count - 1, -1, -1):
        if place not in at:
            return
        yield at[place]
