from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.quantities import duration, size, write_duration


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("512", 512),
        ("10kB", 10_000),
        ("10 KB", 10_000),
        ("1.5M", 1_500_000),
        ("64KiB", 65_536),
        ("1GiB", 2**30),
    ],
)
def test_a_size_is_bytes_in_powers_of_1000_or_1024(text: str, count: int) -> None:
    assert size(text) == count


@pytest.mark.parametrize("text", ["", "B", "-1", "1x", "1e3", "1iB", "ten"])
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no size; write 512, 10kB, 5MB or 1GiB"):
        size(text)


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("250ms", 250_000),
        ("2s", 2_000_000),
        ("2", 2_000_000),
        ("1.5 m", 90_000_000),
        ("1h", 3_600_000_000),
        ("7us", 7),
    ],
)
def test_a_duration_is_microseconds(text: str, microseconds: int) -> None:
    assert duration(text) == microseconds


@pytest.mark.parametrize("text", ["", "s", "-1s", "1d", "1e3", "soon"])
def test_what_is_no_duration_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration; write 250ms, 2s, 1m or 1h"):
        duration(text)


@given(st.integers(0, 10**14))
def test_a_written_duration_is_read_as_the_same(microseconds: int) -> None:
    assert duration(write_duration(microseconds)) == microseconds
