from __future__ import annotations

import pytest

from chatreel.cli.units import bytes_of, seconds_of


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1549, "1.5 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (1_000_000, "1.0 MB"),
        (3_210_000_000, "3210.0 MB"),
    ],
)
def test_sizes(count: int, shown: str) -> None:
    assert bytes_of(count) == shown


@pytest.mark.parametrize(
    ("microseconds", "shown"),
    [
        (0, "0 us"),
        (999, "999 us"),
        (1000, "1.0 ms"),
        (8214, "8.2 ms"),
        (999_949, "999.9 ms"),
        (999_950, "1.000 s"),
        (7_503_900, "7.504 s"),
        (3_600_000_000, "3600.000 s"),
        (-5, "-5 us"),
        (-8214, "-8.2 ms"),
        (2**63, "9223372036854.775 s"),
    ],
)
def test_times(microseconds: int, shown: str) -> None:
    assert seconds_of(microseconds) == shown
