"""The success table: how many cases passed, and whether that is enough. Skipped cases do not count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chatreel.conformance.categories import CATEGORIES
from chatreel.conformance.outcome import Outcome, Verdict

NEEDED_OVERALL = 0.95


@dataclass(frozen=True)
class SuccessRow:
    """A row of the table: a category, or all of them together. Rates are from 0 to 1."""

    name: str
    critical: bool | None
    """None for all categories together."""
    needed: float
    passed: int
    failed: int
    skipped: int

    @property
    def tests(self) -> int:
        """How many cases count: those that passed or failed."""
        return self.passed + self.failed

    @property
    def rate(self) -> float | None:
        """How many of them passed; None when there are none."""
        return self.passed / self.tests if self.tests else None

    @property
    def met(self) -> bool:
        """Whether the rate is enough; it is where no case counts."""
        return self.rate is None or self.rate >= self.needed


def table(outcomes: Sequence[Outcome]) -> list[SuccessRow]:
    """A row for each category that has outcomes, and as the last one a row for all of them."""
    rows = []
    for category in CATEGORIES:
        own = [outcome.verdict for outcome in outcomes if outcome.case.category is category]
        if own:
            rows.append(row(category.name, category.critical, category.needed, own))
    return [*rows, row("Overall", None, NEEDED_OVERALL, [outcome.verdict for outcome in outcomes])]


def row(name: str, critical: bool | None, needed: float, verdicts: Sequence[Verdict]) -> SuccessRow:
    """The row of this name, with its verdicts counted."""
    count = Counter(verdicts)
    return SuccessRow(name, critical, needed, count["passed"], count["failed"], count["skipped"])
