"""`reorder-events`: events arrive in another order than they were sent in."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Annotated

from cassettes.framings.event import Event
from cassettes.framings.framing import Framing
from replayer.faults.context import FaultContext
from replayer.faults.editing.framed_streams import in_streams
from replayer.faults.events.editor import EventBytes, EventHolder
from replayer.faults.events.event_fault import EventChooser, EventFault
from replayer.faults.fault import Transform
from replayer.faults.parameter_types import Ordinal


@dataclass(frozen=True, kw_only=True)
class ReorderEvents(EventFault):
    """Shuffle events; their times stay."""

    called = "reorder-events"
    example = "reorder-events window=3 type=progress"

    window: Annotated[Ordinal, "so many at a time; a live stream waits until they are there"] = 2

    def begin(self, context: FaultContext) -> Transform:
        """Shuffle the events of a stream; other responses pass."""
        chooser = EventChooser(self, context)
        return in_streams(lambda framing: Shuffler(framing, self.window, chooser, context.random).feed)


class Shuffler(EventHolder):
    """Holds all from the first event of a window on until the window is full.

    Only the events' bytes change places, so pieces keep their times. With a window of two, one piece an event, and
    "c" not among the chosen events, the pieces a, c, b, d are sent as b, c, a, and d waits for another event. A window
    that is not full at the end stays in order.
    """

    def __init__(self, framing: Framing, size: int, chooser: EventChooser, random: Random) -> None:
        super().__init__(framing)
        self._chooser = chooser
        self._random = random
        self._window_size = size
        self._window: list[EventBytes] = []

    def change(self, event: Event, event_bytes: EventBytes) -> None:
        """Add a chosen event to the window, and shuffle the window when it is full."""
        if not self._chooser.chooses(event):
            return
        self._window.append(event_bytes)
        if len(self._window) == self._window_size:
            contents = [one.raw for one in self._window]
            for one, content in zip(self._window, shuffled(contents, self._random), strict=True):
                one.replace(content)
            self._window.clear()

    def is_waiting(self) -> bool:
        """Return whether a window has begun and is not full."""
        return bool(self._window)

    def give_up(self) -> None:
        """Leave the events of the window in their order."""
        self._window.clear()


def shuffled(contents: list[bytes], random: Random) -> list[bytes]:
    """Return the contents in another order, if two of them differ: a draw of the same order is rotated by one."""
    order = random.sample(contents, len(contents))
    return order if order != contents else contents[1:] + contents[:1]
