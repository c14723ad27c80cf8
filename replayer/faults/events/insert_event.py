"""`insert-event`: an event that the server never sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from cassettes.sse import Event, encode
from replayer.faults.blocks import Blocks
from replayer.faults.events.event_fault import in_streams
from replayer.faults.fault import Feed, Step
from replayer.faults.kinds import Json, Line, json_text
from replayer.faults.position import Found, Positioned, Search, cut_at
from replayer.faults.scene import Scene
from replayer.schedule import Action, Data, Head


@dataclass(frozen=True, kw_only=True)
class InsertEvent(Positioned):
    """Send one event more, at a position or right behind the event that it is in."""

    called = "insert-event"
    example = 'insert-event event=error data={"error": "Model overloaded"} after-events=2'

    event: Annotated[Line, "its type"] = "message"
    data: Annotated[Json, "its data, JSON or a text"] = "{}"

    def begin(self, scene: Scene) -> Feed:
        """Other answers than event streams pass."""
        return in_streams(super().begin(scene))

    def search(self, scene: Scene) -> Search:
        """Never inside an event."""
        return BetweenEvents(super().search(scene))

    def strike(self, at: int, scene: Scene) -> Iterable[Action]:
        """The event in a piece of its own."""
        data = self.data if isinstance(self.data, str) else json_text(self.data)
        return (Data(at, encode(Event(type=self.event, data=data))),)


class BetweenEvents(Search):
    """The first place in the body, from another position on, that is inside no event."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._blocks = Blocks()
        self._reached = False
        self._between = False

    def feed(self, step: Step) -> Found:
        """A piece of the body is cut where the event ends that it is in."""
        found = Found((), step.at, (step,)) if self._reached else self._search.feed(step)
        for passed in found.before:
            self._follow(passed)
        self._reached = found.at is not None
        if not self._reached or self._between:
            return found
        for following in found.behind:  # one, if any
            if isinstance(following, Data) and (end := self._next_end(following)):
                cut = cut_at(following, end)
                return Found((*found.before, *cut.before), following.at, cut.behind)
            if isinstance(following, Head):
                return Found((*found.before, following), following.at)
        return Found((*found.before, *found.behind))

    def _next_end(self, piece: Data) -> int:
        """Where the first event ends in a piece; 0 for nowhere."""
        return next((block.end for block in self._blocks.feed(piece.data)), 0)

    def _follow(self, step: Step) -> None:
        if isinstance(step, Data):
            ends = [block.end for block in self._blocks.feed(step.data)]
            rest = step.data[ends[-1] :] if ends else step.data
            self._between = (self._between or bool(ends)) and not rest.strip(b"\r\n")
        elif isinstance(step, Head):
            self._between = True
