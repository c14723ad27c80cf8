from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.walltime import FIRST, LAST, parse, to_text


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000001", 1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T02:00:00.500+0200", 500_000),
        ("1970-01-01T00:00:00.1234567Z", 123_456),
        ("1969-12-31T23:59:59Z", -1_000_000),
    ],
)
def test_times_as_programs_write_them(text: str, time: int) -> None:
    assert parse(text) == time


@pytest.mark.parametrize("text", ["", "noon", "2026-13-01T00:00:00Z"])
def test_what_is_no_time_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


@given(st.integers(FIRST, LAST))
def test_a_time_comes_back(time: int) -> None:
    assert parse(to_text(time)) == time


@given(st.integers(-(2**63), 2**63))
def test_a_time_beyond_the_calendar_is_its_first_or_last(time: int) -> None:
    assert parse(to_text(time)) == min(max(time, FIRST), LAST)
