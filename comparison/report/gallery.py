"""The drawings of a page: of the first sessions that differ, as many as a page has room for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from comparison.conversation.recorded_sessions import Conversation
from comparison.report.svg import Drawing, draw
from comparison.report.tracks import tracks
from comparison.result import SessionComparison
from comparison.rules.comparison_rules import ComparisonRules

MOST_DRAWINGS = 20

type Sides = Callable[[SessionComparison], tuple[Conversation, Conversation]]
"""Gives both sides of a session."""


class Gallery:
    """Draws sessions as they are compared; `undrawn` counts the drawings that there was no room for."""

    def __init__(self, sides: Sides, rules: ComparisonRules) -> None:
        self.drawings: list[Drawing] = []
        self.undrawn = 0
        self._sides = sides
        self._rules = rules
        self._told = 0

    def watch(self, sessions: Iterable[SessionComparison]) -> Iterator[SessionComparison]:
        """The sessions as they are; what differs in them is drawn on the way."""
        for session in sessions:
            self._see(session)
            yield session

    def _see(self, session: SessionComparison) -> None:
        numbered = list(enumerate(session.differences, self._told + 1))
        self._told += len(numbered)
        if not numbered:
            return
        if len(self.drawings) >= MOST_DRAWINGS:
            self.undrawn += len({one.at.exchange for one in session.differences})
            return
        for found in tracks(session, *self._sides(session), self._rules):
            if len(self.drawings) < MOST_DRAWINGS:
                self.drawings.append(draw(found, f"session {session.session}, {found.request}", numbered))
            else:
                self.undrawn += 1
