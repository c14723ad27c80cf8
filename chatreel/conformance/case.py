"""A case: its id, title and category, and the function that checks a target against its pass criteria."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatreel.conformance.categories import Category
from chatreel.conformance.target import Target


@dataclass(frozen=True)
class Case:
    """One acceptance case. `run` raises Unmet or Skipped; at pace 1 it waits `waits` seconds in silence."""

    id: str
    title: str
    category: Category
    run: Callable[[Target], None]
    waits: int


def case(
    case_id: str, title: str, category: Category, *, waits: int = 0
) -> Callable[[Callable[[Target], None]], Case]:
    """Decorates a function: makes a Case of it."""
    return lambda run: Case(case_id, title, category, run, waits)
