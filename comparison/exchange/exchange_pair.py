"""A recorded answer and the live one to the same request, and the words for what differs in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from cassettes import model
from comparison.conversation.token_correspondence import Correspondence
from comparison.result import Aspect, Change, Difference, Place, Uncompared, shown
from comparison.rules.comparison_rules import ComparisonRules
from comparison.values.json_diff import Comparer
from comparison.values.scope import Scope
from foundation import json_pointer


class ExchangePair(msgspec.Struct, frozen=True, kw_only=True):
    """Two exchanges that are compared; `request` is what both ask, `sessions` their sessions' numbers."""

    rules: ComparisonRules
    tokens: Correspondence
    sessions: tuple[int, int]
    request: str
    recorded: model.Exchange
    live: model.Exchange

    @property
    def times(self) -> tuple[int, int]:
        """How long both took, in microseconds since the whole request."""
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
        measure: float | None = None,
    ) -> Difference:
        """Something that differs; `events` are the places of the event on each side."""
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
            measure=measure,
        )

    def uncompared(self, why: str) -> Uncompared:
        """Something that could not be compared."""
        return Uncompared(
            why=shown(" ".join(why.split())),
            session=self.sessions[0],
            live_session=self.sessions[1],
            request=self.request,
            at=Place(exchange=self.recorded.number),
            live_at=Place(exchange=self.live.number),
        )

    def comparer(self, event: str = "") -> Comparer:
        """Compares what bodies, or events of one type, say."""
        return Comparer(Scope(self.rules, self.request, event), self.tokens)

    def contents(
        self,
        comparer: Comparer,
        recorded: Any,
        live: Any,
        events: tuple[int | None, int | None] = (None, None),
    ) -> Iterator[Difference]:
        """In what two values differ that bodies or events have."""
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
                measure=found.measure,
            )
