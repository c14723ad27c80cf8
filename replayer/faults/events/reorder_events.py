"""`reorder-events`: events arrive in another order than they were sent in."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Annotated

from cassettes.sse import Event
from replayer.faults.context import FaultContext
from replayer.faults.events.editor import Holder, Stretch
from replayer.faults.events.event_fault import Chooser, EventFault, in_streams
from replayer.faults.fault import Transform
from replayer.faults.parameter_types import Ordinal


@dataclass(frozen=True, kw_only=True)
class ReorderEvents(EventFault):
    """Shuffle events; their times stay."""

    called = "reorder-events"
    example = "reorder-events window=3 type=progress"

    window: Annotated[Ordinal, "so many at a time; a live stream waits until they are there"] = 2

    def begin(self, context: FaultContext) -> Transform:
        """Shuffle the events of a stream; other answers pass."""
        return in_streams(Shuffler(self.window, Chooser(self, context), context.random).feed)


class Shuffler(Holder):
    """Holds all from the first event of a window on until the window is full."""

    def __init__(self, size: int, chooser: Chooser, random: Random) -> None:
        super().__init__()
        self._chooser = chooser
        self._random = random
        self._window_size = size
        self._window: list[Stretch] = []

    def change(self, event: Event, stretch: Stretch) -> None:
        """Shuffle the window that an event fills."""
        if not self._chooser.takes(event):
            return
        self._window.append(stretch)
        if len(self._window) == self._window_size:
            contents = [one.raw for one in self._window]
            for one, content in zip(self._window, shuffled(contents, self._random), strict=True):
                one.put(content)
            self._window.clear()

    def waits(self) -> bool:
        """Whether a window is open."""
        return bool(self._window)

    def forget(self) -> None:
        """The window stays in order."""
        self._window.clear()


def shuffled(contents: list[bytes], random: Random) -> list[bytes]:
    """Another order, if there is one."""
    order = random.sample(contents, len(contents))
    return order if order != contents else contents[1:] + contents[:1]
