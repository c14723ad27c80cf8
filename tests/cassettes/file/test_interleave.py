from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from cassettes.file.interleave import merged

RUNS = st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=5).map(sorted), max_size=6)


@given(RUNS)
def test_items_come_in_order_and_each_run_keeps_its_own(runs: list[list[int]]) -> None:
    runs.sort(key=lambda run: run[0])
    tagged = [(run[0], [(item, turn) for item in run]) for turn, run in enumerate(runs)]
    found = list(merged(tagged, place=lambda item: item[0]))
    assert [item for item, _ in found] == sorted(item for run in runs for item in run)
    for turn, run in enumerate(runs):
        assert [item for item, whose in found if whose == turn] == run


def test_a_run_that_goes_back_keeps_its_order() -> None:
    assert list(merged([(0, [3, 1, 2]), (2, [2])], place=lambda item: item)) == [2, 3, 1, 2]


def test_what_ends_when_another_begins_comes_first() -> None:
    found = merged([(0, [(0, "a"), (5, "a")]), (5, [(5, "b")])], place=lambda item: item[0])
    assert list(found) == [(0, "a"), (5, "a"), (5, "b")]


def test_only_the_runs_that_overlap_are_asked_for() -> None:
    begun = []

    def runs() -> Iterator[tuple[int, list[int]]]:
        for at in (0, 10, 20):
            begun.append(at)
            yield at, [at, at + 5]

    items = merged(runs(), place=lambda item: item)
    assert (next(items), begun) == (0, [0, 10])
    assert (list(items), begun) == ([5, 10, 15, 20, 25], [0, 10, 20])
