"""Aligns two sequences, so that one missing item is one edit and not a shifted tail.

1. A longest common subsequence pairs the items whose keys are equal (bit-parallel, in rapidfuzz).
2. Between two such pairs, items are paired by similarity (Needleman and Wunsch, 1970): gaps cost nothing, and a pair
   needs LEAST_SIMILARITY.
3. An item that is missing on the right and unpaired elsewhere on the right was moved; one more of an item that the
   left side has was duplicated; the rest was removed or added.

An example, in which items with the same letter are alike:

    left   x0 p10 p50 r1            1. pairs p10 (1, 0) and p50 (2, 1)
    right  p10 p50 p50 r2 x0        2. pairs r1 and r2 (3, 3), which differ inside
                                    3. p50 was duplicated (None, 2), x0 was moved (0, 4)
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel

from comparison.alignment.pairing import pair_equal

MOST_CELLS = 250_000
"""Pairs of items in one gap whose similarity is computed; a larger gap pairs its items in their order."""

MOST_BITS = 1 << 28
"""Size of the bit table for the common subsequence, 32 MiB; larger sequences share only their two ends."""

LEAST_SIMILARITY = 0.35
"""The similarity that a pair needs."""

MOVED_SIMILARITY = 0.8
"""The similarity that an item in another place needs to be the one that was moved."""

type Similarity = Callable[[int, int], float]
"""Returns how alike two items are, from 0 to 1; takes their places in the left and in the right sequence."""


class Edit(NamedTuple):
    """What became of one item, with its places left and right; the items of a pair may still differ inside."""

    what: Literal["pair", "removed", "added", "moved", "duplicated"]
    left: int | None
    right: int | None

    @property
    def place(self) -> int:
        """Returns the place in the left sequence, or in the right one for an item that is only there."""
        return self.left if self.left is not None else self.right or 0


def edits(left: Sequence[Hashable], right: Sequence[Hashable], similarity: Similarity) -> list[Edit]:
    """Returns the edits that turn the left sequence into the right one, in the order of the right one.

    `left` and `right` are the keys of the items: equal keys are equal items. Each item is in exactly one edit.
    """
    pairs = align(left, right, similarity)
    gone, come = unpaired(pairs, len(left), len(right))
    moves = moved(left, right, gone, come, similarity)
    known = {left[place] for place, _ in pairs} | {left[place] for place in moves}
    found = [
        *(Edit("pair", *pair) for pair in pairs),
        *(Edit("moved", *move) for move in moves.items()),
        *(Edit("removed", place, None) for place in gone if place not in moves),
        *arrivals(right, come, frozenset(moves.values()), known),
    ]
    anchors = right_anchors(pairs, len(left))
    return sorted(found, key=lambda edit: position(edit, anchors))


def arrivals(
    right: Sequence[Hashable], come: Sequence[int], taken: Container[int], known: Container[Hashable]
) -> Iterator[Edit]:
    """Yields the unpaired right items that were not moved there: duplicated when their key is `known`, else added."""
    for place in come:
        if place not in taken:
            yield Edit("duplicated" if right[place] in known else "added", None, place)


def right_anchors(pairs: Sequence[tuple[int, int]], count: int) -> list[int]:
    """Returns, for each of `count` left places, the right place of the last pair up to it; -1 where there is none.

    For the pairs (0, 0) and (3, 1) of four items these are [0, 0, 0, 1].
    """
    right_of = dict(pairs)
    anchors = []
    anchor = -1
    for place in range(count):
        anchor = right_of.get(place, anchor)
        anchors.append(anchor)
    return anchors


def position(edit: Edit, anchors: Sequence[int]) -> tuple[int, int]:
    """Returns the sort key of an edit: its right place; a removed item follows the pair before it on the left."""
    if edit.right is not None:
        return edit.right, -1
    return anchors[edit.place], edit.place


def align(
    left: Sequence[Hashable],
    right: Sequence[Hashable],
    similarity: Similarity,
    *,
    most_cells: int = MOST_CELLS,
    most_bits: int = MOST_BITS,
) -> list[tuple[int, int]]:
    """Returns the pairs (left place, right place) that belong together; both numbers ascend."""
    pairs: list[tuple[int, int]] = []
    ends = [(-1, -1), *common(left, right, most_bits), (len(left), len(right))]
    for (i, j), (stop_i, stop_j) in pairwise(ends):
        pairs += pair_similar(range(i + 1, stop_i), range(j + 1, stop_j), similarity, most_cells)
        if stop_i < len(left):
            pairs.append((stop_i, stop_j))
    return pairs


def common(
    left: Sequence[Hashable], right: Sequence[Hashable], most_bits: int = MOST_BITS
) -> Iterator[tuple[int, int]]:
    """Yields the places of a longest common subsequence; the shared beginning and end need no table."""
    ids: dict[Hashable, int] = {}
    left_ids, right_ids = ([ids.setdefault(key, len(ids)) for key in keys] for keys in (left, right))
    head = shared_beginning(left_ids, right_ids)
    left_ids, right_ids = left_ids[head:], right_ids[head:]
    tail = shared_beginning(left_ids[::-1], right_ids[::-1])
    left_ids, right_ids = left_ids[: len(left_ids) - tail], right_ids[: len(right_ids) - tail]
    yield from ((place, place) for place in range(head))
    if len(left_ids) * len(right_ids) <= most_bits:
        for block in Indel.opcodes(left_ids, right_ids):
            if block.tag == "equal":
                for step in range(block.src_end - block.src_start):
                    yield head + block.src_start + step, head + block.dest_start + step
    yield from ((len(left) - place, len(right) - place) for place in range(tail, 0, -1))


def shared_beginning(left: Sequence[int], right: Sequence[int]) -> int:
    """Returns how many items two sequences share at their beginning."""
    shortest = min(len(left), len(right))
    return next((place for place in range(shortest) if left[place] != right[place]), shortest)


def pair_similar(
    left: range, right: range, similarity: Similarity, most_cells: int = MOST_CELLS
) -> list[tuple[int, int]]:
    """Pairs unequal items, in order, so that the sum of their similarities is the largest that is possible.

    More than `most_cells` combinations are not computed: then the first is paired with the first, and so on.
    """
    if not left or not right:
        return []
    if len(left) * len(right) > most_cells:
        return [pair for pair in zip(left, right, strict=False) if similarity(*pair) >= LEAST_SIMILARITY]
    return list(pairs_on_best_way(table_of_steps(left, right, similarity), left, right))[::-1]


PAIR, SKIP_LEFT, SKIP_RIGHT = 1, 2, 3
"""The last step of the best alignment of the items up to a cell: pair the two items, or skip one of them."""


def table_of_steps(left: range, right: range, similarity: Similarity) -> list[bytearray]:
    """Returns the last step of the best alignment up to each pair of items: a row for each left item.

    Column 0 stands before the first right item.
    """
    above, table = [0.0] * (len(right) + 1), []
    for i in left:
        row, steps = [0.0], bytearray(1)
        for place, j in enumerate(right):
            alike = similarity(i, j)
            paired = above[place] + alike if alike >= LEAST_SIMILARITY else -1.0
            score = max(paired, above[place + 1], row[place])
            steps.append(PAIR if score == paired else SKIP_LEFT if score == above[place + 1] else SKIP_RIGHT)
            row.append(score)
        above = row
        table.append(steps)
    return table


def pairs_on_best_way(table: Sequence[bytearray], left: range, right: range) -> Iterator[tuple[int, int]]:
    """Yields the pairs of the best alignment, the last one first, by going back through the table from its end."""
    row, column = len(left), len(right)
    while row and column:
        step = table[row - 1][column]
        if step == PAIR:
            yield left[row - 1], right[column - 1]
        row -= step != SKIP_RIGHT
        column -= step != SKIP_LEFT


def unpaired(pairs: Sequence[tuple[int, int]], left: int, right: int) -> tuple[list[int], list[int]]:
    """Returns the left and the right places that are in no pair, of `left` and `right` items."""
    paired_left, paired_right = {i for i, _ in pairs}, {j for _, j in pairs}
    return [i for i in range(left) if i not in paired_left], [
        j for j in range(right) if j not in paired_right
    ]


def moved(
    left: Sequence[Hashable],
    right: Sequence[Hashable],
    gone: Sequence[int],
    come: Sequence[int],
    similarity: Similarity,
) -> dict[int, int]:
    """Returns the right place of each left item that was moved; equal items go before similar ones."""
    equal = pair_equal([left[place] for place in gone], [right[place] for place in come])
    moves = {gone[i]: come[j] for i, j in equal if i is not None and j is not None}
    taken = frozenset(moves.values())
    rest = [place for place in gone if place not in moves]
    free = [place for place in come if place not in taken]
    return moves | moved_similar(rest, free, similarity)


def moved_similar(gone: Sequence[int], come: list[int], similarity: Similarity) -> dict[int, int]:
    """Returns, for each left item, the free right item that is most like it, if it is alike enough."""
    moves: dict[int, int] = {}
    if len(gone) * len(come) > MOST_CELLS:
        return moves
    free = list(come)
    for place in gone:
        near = max(free, key=lambda other: similarity(place, other), default=None)
        if near is not None and similarity(place, near) >= MOVED_SIMILARITY:
            free.remove(near)
            moves[place] = near
    return moves


def trailing(found: Sequence[Edit], what: str, count: int) -> Iterator[Edit]:
    """Yields the edits of the kind `what` with which a side of `count` items ends, from the last one backwards."""
    at = {edit.place: edit for edit in found if edit.what == what}
    for place in range(count - 1, -1, -1):
        if place not in at:
            return
        yield at[place]
