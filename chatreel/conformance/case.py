"""What a case is: an id, a title, a category, and a function that holds a target to its pass criteria."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatreel.conformance.categories import Category
from chatreel.conformance.target import Target


@dataclass(frozen=True)
class Case:
    """One case. `run` raises Unmet or Skipped; at pace 1 it waits for so many seconds without a word."""

    id: str
    title: str
    category: Category
    run: Callable[[Target], None]
    waits: int


def case(
    case_id: str, title: str, category: Category, *, waits: int = 0
) -> Callable[[Callable[[Target], None]], Case]:
    """Make a case of a function."""
    return lambda run: Case(case_id, title, category, run, waits)
