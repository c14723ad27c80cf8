"""A case: its id, title and category, and the function that checks a chatbot or a platform by its criteria."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatreel.conformance.categories import Category
from chatreel.conformance.deployment import Deployment
from chatreel.conformance.pass_criteria import Skipped
from chatreel.conformance.target import Target


@dataclass(frozen=True)
class Subjects:
    """What is checked: a chatbot, a platform, or both."""

    chatbot: Target | None
    platform: Deployment | None


@dataclass(frozen=True)
class Case:
    """One acceptance case. `run` raises Unmet or Skipped; at pace 1 it waits `waits` seconds in silence."""

    id: str
    title: str
    category: Category
    run: Callable[[Subjects], None]
    waits: int


def case(
    case_id: str, title: str, category: Category, *, waits: int = 0
) -> Callable[[Callable[[Target], None]], Case]:
    """Decorates a function that checks a chatbot: makes a Case of it."""

    def made(function: Callable[[Target], None]) -> Case:
        def run(subjects: Subjects) -> None:
            if subjects.chatbot is None:
                raise Skipped("it is about a chatbot: give one by --target")
            function(subjects.chatbot)

        return Case(case_id, title, category, run, waits)

    return made


def platform_case(
    case_id: str, title: str, category: Category
) -> Callable[[Callable[[Deployment], None]], Case]:
    """Decorates a function that checks a platform: makes a Case of it."""

    def made(function: Callable[[Deployment], None]) -> Case:
        def run(subjects: Subjects) -> None:
            if subjects.platform is None:
                raise Skipped("it is about a platform: give one by --platform")
            function(subjects.platform)

        return Case(case_id, title, category, run, waits=0)

    return made
