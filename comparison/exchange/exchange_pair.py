"""A recorded exchange and the live one with the same request, and the differences that are reported of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import msgspec

from cassettes import model
from cassettes.answers.answer import Answer
from cassettes.answers.answer_reading import answer_of
from comparison.conversation.token_correspondence import Correspondence
from comparison.result import Aspect, Change, Difference, Place, Uncompared, shown
from comparison.rules.comparison_rules import ComparisonRules
from comparison.values.json_diff import Comparer
from comparison.values.scope import Scope
from foundation import json_pointer


class ExchangePair(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Two exchanges that are compared; `request` is the label of both, `sessions` the numbers of their sessions.

    Both pairs of values, as all pairs here, have the recorded side first.
    """

    rules: ComparisonRules
    tokens: Correspondence
    sessions: tuple[int, int]
    request: str
    recorded: model.Exchange
    live: model.Exchange

    @cached_property
    def answers(self) -> tuple[Answer | None, Answer | None]:
        """Returns what both sides answered; the live side is read as the recorded one where nobody recognises it."""
        recorded = answer_of(self.recorded)
        return recorded, answer_of(self.live, otherwise="" if recorded is None else recorded.protocol)

    @cached_property
    def said(self) -> frozenset[str]:
        """Returns the texts of the recorded answer as they stand in its events or body."""
        recorded, _ = self.answers
        return frozenset() if recorded is None else frozenset(piece.text for piece in recorded.pieces)

    @property
    def times(self) -> tuple[int, int]:
        """Returns how long each took, in microseconds from the end of its request to the end of its response."""
        return (
            self.recorded.end.at - self.recorded.request.at,
            self.live.end.at - self.live.request.at,
        )

    def difference(
        self,
        aspect: Aspect,
        change: Change,
        recorded: str,
        live: str,
        why: str,
        *,
        events: tuple[int | None, int | None] = (None, None),
        event: str = "",
        pointer: str = "",
        in_answer: bool = False,
        measure: float | None = None,
    ) -> Difference:
        """Returns a difference between both; `events` are the places of the event that has it, where it is in one."""
        return Difference(
            aspect=aspect,
            change=change,
            session=self.sessions[0],
            request=self.request,
            at=Place(exchange=self.recorded.number, event=events[0]),
            live_at=Place(exchange=self.live.number, event=events[1]),
            event=shown(event),
            pointer=shown(pointer),
            recorded=shown(recorded),
            live=shown(live),
            why=shown(why),
            in_answer=in_answer,
            measure=measure,
        )

    def uncompared(self, why: str) -> Uncompared:
        """Returns that something in both could not be compared, and why."""
        return Uncompared(
            why=shown(" ".join(why.split())),
            session=self.sessions[0],
            live_session=self.sessions[1],
            request=self.request,
            at=Place(exchange=self.recorded.number),
            live_at=Place(exchange=self.live.number),
        )

    def comparer(self, event: str = "") -> Comparer:
        """Returns what compares the bodies, or the data of the events of one type."""
        return Comparer(Scope(self.rules, self.request, event), self.tokens, self.said)

    def contents(
        self,
        comparer: Comparer,
        recorded: Any,
        live: Any,
        events: tuple[int | None, int | None] = (None, None),
    ) -> Iterator[Difference]:
        """Yields the differences between the values of two bodies, or of two events in these places."""
        for found in comparer.compare(recorded, live):
            yield self.difference(
                found.aspect,
                found.change,
                found.recorded,
                found.live,
                found.why,
                events=events,
                event=comparer.scope.event,
                pointer=json_pointer.to_text(found.path),
                in_answer=found.in_answer,
                measure=found.measure,
            )
