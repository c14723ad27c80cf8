"""Draws the first exchanges that differ, as many as a page has room for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from comparison.conversation.recorded_sessions import Conversation
from comparison.report.svg import Drawing, draw
from comparison.report.tracks import tracks
from comparison.result import SessionComparison
from comparison.rules.comparison_rules import ComparisonRules

MOST_DRAWINGS = 20
"""Drawings on one page."""

type Sides = Callable[[SessionComparison], tuple[Conversation, Conversation]]
"""Returns the recorded and the live side of a session."""


class Gallery:
    """Draws sessions as they are compared, up to `most` drawings; `undrawn` counts those beyond."""

    def __init__(self, sides: Sides, rules: ComparisonRules, most: int = MOST_DRAWINGS) -> None:
        self.drawings: list[Drawing] = []
        self.undrawn = 0
        self._sides = sides
        self._rules = rules
        self._most = most
        self._numbered = 0

    def drawing(self, sessions: Iterable[SessionComparison]) -> Iterator[SessionComparison]:
        """Yields the sessions as they are, and draws what differs in each before the next one is compared."""
        for session in sessions:
            self._draw(session)
            yield session

    def _draw(self, session: SessionComparison) -> None:
        numbered = list(enumerate(session.differences, self._numbered + 1))
        self._numbered += len(numbered)
        if not numbered:
            return
        if len(self.drawings) >= self._most:
            self.undrawn += len({one.at.exchange for one in session.differences})
            return
        for found in tracks(session, *self._sides(session), self._rules):
            if len(self.drawings) < self._most:
                self.drawings.append(draw(found, f"session {session.session}, {found.request}", numbered))
            else:
                self.undrawn += 1
