"""The success table: what is enough."""

from __future__ import annotations

import pytest

from chatreel.conformance.cases.all import CASES
from chatreel.conformance.outcome import Outcome, Verdict
from chatreel.conformance.success import table


def outcomes(**others: Verdict) -> list[Outcome]:
    """All cases passed but for these, named TC_101 as keywords have it."""
    return [Outcome(case, others.get(case.id.replace("-", "_"), "passed"), "", 1) for case in CASES]


SKIPPED: dict[str, Verdict] = dict.fromkeys(
    ("TC_001", "TC_002", "TC_401", "TC_601", "TC_602", "TC_603", "TC_604"), "skipped"
)


@pytest.mark.parametrize(
    ("others", "short"),
    [
        ({}, []),
        ({"TC_501": "failed"}, []),  # 3 of 4 are 75 %, 25 of 26 are 96.2 %
        ({"TC_501": "failed", "TC_001": "skipped"}, []),  # 24 of 25 are 96.0 %
        ({"TC_501": "failed", "TC_502": "failed"}, ["Performance", "Overall"]),
        ({"TC_101": "failed"}, ["SSE Streaming"]),
        ({"TC_501": "failed", **SKIPPED}, ["Overall"]),  # 18 of 19 are 94.7 %
        ({"TC_501": "skipped", "TC_502": "failed"}, ["Performance"]),  # 2 of 3
        ({"TC_001": "skipped", "TC_002": "skipped"}, []),
        ({case.id.replace("-", "_"): "skipped" for case in CASES}, []),
    ],
)
def test_what_is_enough(others: dict[str, Verdict], short: list[str]) -> None:
    assert [row.name for row in table(outcomes(**others)) if not row.met] == short


def test_a_category_of_which_nothing_ran_is_no_row() -> None:
    rows = table(outcomes()[:3])
    assert [(row.name, row.tests) for row in rows] == [
        ("Basic Connectivity", 2),
        ("SSE Streaming", 1),
        ("Overall", 3),
    ]


def test_skipped_cases_do_not_count() -> None:
    connectivity, *_ = table(outcomes(TC_001="skipped", TC_002="failed"))
    assert (connectivity.tests, connectivity.skipped, connectivity.rate) == (1, 1, 0.0)
