"""What the fixture `chatreel` costs a test, beside a test without it: setup, call and teardown as pytest runs them.

Both kinds of test take turns in one run of pytest, and neither sends a request. The first test with the fixture, which
starts the test server, is measured apart.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from benchmarks.result_tables import MeasureRow, show, table
from benchmarks.rounds import ROUNDS, percentile

TESTS = 100
"""Tests of each kind in a round."""

AIM = "+ 20"
"""Milliseconds that the fixture may cost at the median."""

SOURCE = """
import pytest

@pytest.mark.parametrize("turn", range({tests}))
class TestBoth:
    @pytest.mark.chatreel("stream")
    def test_with(self, chatreel, turn): pass

    def test_without(self, turn): pass
"""

CONFTEST = """
import pytest
from time import perf_counter

def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.callspec.params["turn"])

@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    began = perf_counter()
    try:
        return (yield)
    finally:
        with open("times", "a") as times:
            print(item.originalname, (perf_counter() - began) * 1000, file=times)
"""


def run(rounds: int = ROUNDS, tests: int = TESTS) -> Table:
    """Measure some test runs."""
    measured = [milliseconds(tests + 1) for _ in range(rounds)]
    rows = [
        MeasureRow(
            f"a test, p{percent} (ms)",
            [percentile(times["test_with"][1:], percent) for times in measured],
            [percentile(times["test_without"][1:], percent) for times in measured],
            AIM if percent == 50 else "",
        )
        for percent in (50, 99)
    ]
    first = {kind: [times[kind][0] for times in measured] for kind in ("test_with", "test_without")}
    rows.append(MeasureRow("the first test (ms)", first["test_with"], first["test_without"]))
    return table("The pytest fixture", "with it", "without", rows)


def milliseconds(tests: int) -> dict[str, Sequence[float]]:
    """Run pytest once and return the milliseconds that each test took, by the name of its kind."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_both.py").write_text(SOURCE.format(tests=tests), encoding="utf-8")
        Path(folder, "conftest.py").write_text(CONFTEST, encoding="utf-8")
        subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=folder, check=True, capture_output=True)
        lines = [line.split() for line in Path(folder, "times").read_text(encoding="utf-8").splitlines()]
    return {
        kind: [float(time) for name, time in lines if name == kind] for kind in ("test_with", "test_without")
    }


if __name__ == "__main__":
    show([run()])
