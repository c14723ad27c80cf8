"""`insert-event`: an event that the server never sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from cassettes.framings.event import Event
from cassettes.framings.event_blocks import Blocks
from cassettes.framings.framing import Framing
from foundation.errors import UsageError
from replayer.faults.context import FaultContext
from replayer.faults.editing.framed_streams import in_streams
from replayer.faults.fault import Step, Transform
from replayer.faults.parameter_types import Json, Line, json_text
from replayer.faults.position import Positioned, Search, SplitStep, cut_at
from replayer.schedule.actions import Action, Data, Head


@dataclass(frozen=True, kw_only=True)
class InsertEvent(Positioned):
    """Send one event more, at a position or right behind the event that it is in."""

    called = "insert-event"
    example = 'insert-event event=error data={"error": "Model overloaded"} after-events=2'

    event: Annotated[Line, "its type"] = "message"
    data: Annotated[Json, "its data, JSON or a text"] = "{}"

    def begin(self, context: FaultContext) -> Transform:
        """Insert the event in an event stream; other responses pass."""
        return in_streams(lambda framing: self.at_its_position(replace(context, framing=framing)))

    def search(self, context: FaultContext) -> Search:
        """Return what finds the first place from the position on that is inside no event."""
        assert context.framing is not None
        return BetweenEvents(context.framing, super().search(context))

    def at_position(self, at: int, context: FaultContext) -> Iterable[Action]:
        """Return the event as a piece of its own."""
        data = self.data if isinstance(self.data, str) else json_text(self.data)
        assert context.framing is not None
        try:
            return (Data(at, context.framing.encode(Event(type=self.event, data=data))),)
        except ValueError as error:
            raise UsageError(str(error)) from None


class BetweenEvents(Search):
    """Finds the first place in the body, from the position of another search on, that is inside no event."""

    def __init__(self, framing: Framing, search: Search) -> None:
        self._search = search
        self._framing = framing
        self._blocks = Blocks(framing)
        self._reached = False
        self._between = False

    def feed(self, step: Step) -> SplitStep:
        """Cut a piece of the body only where an event ends."""
        found = SplitStep((), step.at, (step,)) if self._reached else self._search.feed(step)
        self._reached = found.at is not None
        if isinstance(step, Data):
            return self._in_piece(step, found)
        if isinstance(step, Head):
            self._between = True
            return SplitStep((step,), step.at if self._reached else None)
        return found if self._between else SplitStep((step,))

    def _in_piece(self, piece: Data, found: SplitStep) -> SplitStep:
        ends = [block.end for block in self._blocks.feed(piece.data)]
        cut = sum(len(part.data) for part in found.before if isinstance(part, Data))
        if self._reached and self._is_between(piece.data[:cut], ends):
            return found
        end = next((end for end in ends if end > cut), None)
        if self._reached and end is not None:
            return cut_at(piece, end)
        self._between = self._is_between(piece.data, ends)
        return SplitStep((piece,))

    def _is_between(self, data: bytes, ends: Sequence[int]) -> bool:
        """Return whether the place after some data is inside no event; `ends` has the offsets where events end."""
        last = max((end for end in ends if end <= len(data)), default=None)
        return (self._between or last is not None) and bool(self._framing.lead.fullmatch(data[last or 0 :]))
