from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cassettes.file.offset_index import KINDS, OffsetIndex


@given(st.lists(st.integers(0, 5), max_size=40))
def test_every_exchange_gets_its_own_lines_in_order(steps: list[int]) -> None:
    """A step begins an exchange, or goes on with one that has begun."""
    index = OffsetIndex()
    expected: list[list[tuple[int, int]]] = []
    for offset, step in enumerate(steps):
        line = (offset * 7_000_000_000, offset + 1)
        if step < len(expected):
            index.add(step, *line)
            expected[step].append(line)
        else:
            assert index.begin(*line) == len(expected)
            expected.append([line])
    assert len(index) == len(expected)
    assert [index.lines(number) for number in range(len(index))] == expected
    assert [index.request(number) for number in range(len(index))] == [lines[0] for lines in expected]


def test_its_arrays_are_all_of_it():
    index = OffsetIndex()
    index.add(index.begin(0, 5), 5, 7)
    assert index.arrays == [*vars(index).values()]
    assert "".join(one.typecode for one in index.arrays) == KINDS
    assert vars(OffsetIndex.of(index.arrays)) == vars(index)
