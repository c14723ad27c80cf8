from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.alignment.sequences import align, edits


def unlike(_left, _right):
    return 0.0


def alike_all(_left, _right):
    return 0.5


WORDS = ["p10", "p25", "p50", "p75", "r1", "c1"]


def changes(left, right):
    """What was done, but for pairs of the same."""

    def alike(i, j):
        return 0.5 if left[i][0] == right[j][0] else 0.0

    found = edits(left, right, alike)
    return [
        (edit.what, edit.left, edit.right)
        for edit in found
        if edit.what != "pair" or left[edit.left] != right[edit.right]
    ]


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        (WORDS, []),
        (["p10", "p50", "p75", "r1", "c1"], [("removed", 1, None)]),
        (["p10", "p25", "p50", "p75", "r1"], [("removed", 5, None)]),
        (["x0", *WORDS], [("added", None, 0)]),
        (["p10", "p25", "p26", "p50", "p75", "r1", "c1"], [("added", None, 2)]),
        (["p10", "p25", "p25", "p50", "p75", "r1", "c1"], [("duplicated", None, 2)]),
        ([*WORDS, "p10"], [("duplicated", None, 6)]),
        (["p10", "p26", "p50", "p75", "r1", "c1"], [("pair", 1, 1)]),
        (["p10", "p25", "p50", "x0", "r1", "c1"], [("removed", 3, None), ("added", None, 3)]),
        (["r1", "p10", "p25", "p50", "p75", "c1"], [("moved", 4, 0)]),
        (["p25", "p50", "p75", "r1", "c1", "p10"], [("moved", 0, 5)]),
        (["p10", "p50", "p75", "r2", "c1"], [("removed", 1, None), ("pair", 4, 3)]),
        ([], [("removed", place, None) for place in range(6)]),
    ],
)
def test_each_change_is_one_edit(live, expected):
    assert sorted(changes(WORDS, live), key=str) == sorted(expected, key=str)


def test_a_gap_in_many_that_are_alike_moves_nothing():
    left = [f"d{number % 7}" for number in range(5000)]
    right = left[:1000] + left[1001:4000] + left[4003:]
    assert [change for change, _, _ in changes(left, right)] == ["removed"] * 4


def test_edits_come_in_the_order_of_the_right_side():
    found = [(edit.left, edit.right) for edit in edits("abcd", "xacdb", unlike)]
    assert found == [(None, 0), (0, 1), (2, 2), (3, 3), (1, 4)]


def test_what_is_removed_follows_what_it_followed():
    found = [(edit.left, edit.right) for edit in edits("abcd", "ad", unlike)]
    assert found == [(0, 0), (1, None), (2, None), (3, 1)]


def test_too_many_pairs_are_taken_in_order():
    assert align(["a1", "a2"], ["a3", "a4"], alike_all, most_cells=3) == [(0, 0), (1, 1)]
    assert align(["a1", "b1"], ["b2", "a2"], lambda i, j: float(i != j), most_cells=3) == []
    assert align(["a1", "b1"], ["b2", "a2"], lambda i, j: float(i != j), most_cells=4) == [(0, 1)]


def test_too_long_for_the_table():
    assert align("axyb", "ayzb", unlike) == [(0, 0), (2, 1), (3, 3)]
    assert align("axyb", "ayzb", unlike, most_bits=3) == [(0, 0), (3, 3)]


def test_the_example_of_the_module():
    left, right = ["x0", "p10", "p50", "r1"], ["p10", "p50", "p50", "r2", "x0"]
    assert changes(left, right) == [("duplicated", None, 2), ("pair", 3, 3), ("moved", 0, 4)]


@given(st.lists(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd")))
def test_every_item_is_in_one_edit(left, right):
    found = edits(left, right, alike_all)
    assert sorted(edit.left for edit in found if edit.left is not None) == list(range(len(left)))
    assert sorted(edit.right for edit in found if edit.right is not None) == list(range(len(right)))
    pairs = [(edit.left, edit.right) for edit in found if edit.what == "pair"]
    assert all(before[0] < after[0] and before[1] < after[1] for before, after in pairwise(pairs))


@given(st.lists(st.integers(0, 5)))
def test_the_same_is_all_pairs(items):
    assert [(edit.what, edit.left, edit.right) for edit in edits(items, items, alike_all)] == [
        ("pair", place, place) for place in range(len(items))
    ]


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
def test_as_much_is_the_same_either_way(left, right):
    ways = [(left, right), (right, left)]
    found = [edits(one, other, unlike) for one, other in ways]
    assert len({sum(edit.what == "pair" for edit in way) for way in found}) == 1
    assert len({sum(edit.what == "moved" for edit in way) for way in found}) == 1


def test_what_was_moved_may_have_changed_a_little():
    left, right = ["r1", "p1", "p2", "p3"], ["p1", "p2", "p3", "r2"]

    def alike(i, j):
        return 0.9 if left[i][0] == right[j][0] == "r" else 0.0

    found = [(edit.what, edit.left, edit.right) for edit in edits(left, right, alike)]
    assert found == [("pair", 1, 0), ("pair", 2, 1), ("pair", 3, 2), ("moved", 0, 3)]
