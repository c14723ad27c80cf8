"""Moves the events of a stream in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from cassettes.framings.event import Event
from cassettes.framings.event_blocks import Blocks
from cassettes.framings.framing import Framing
from replayer.faults.editing.framed_streams import in_streams
from replayer.faults.fault import Step, Transform
from replayer.schedule.actions import Data

type Due = Callable[[int, Event | None], int]
"""Returns the time of a part of a chunk, given the chunk's time and the event (or comment) that the part completes."""


def retime_events(due: Due) -> Transform:
    """Return a transform that moves each part of an event to when it is due; other responses pass.

    Time never runs backwards. A chunk is cut only where the events in it are due at different times. With a `due` that
    returns 100 for event `a` and 200 for all else:

        at 0   a b1         at 100   a
               (b goes on)  at 200   b1
        at 50  b2 c         at 200   b2 c

    """
    return in_streams(lambda framing: Retimer(framing, due).feed)


class Retimer:
    """Moves the parts of the events of one stream."""

    def __init__(self, framing: Framing, due: Due) -> None:
        self._blocks = Blocks(framing)
        self._due = due
        self._latest = 0

    def feed(self, step: Step) -> Iterator[Step]:
        """Return the pieces in the place of one."""
        if not isinstance(step, Data):
            yield step
            return
        for at, together in groupby(self._timed(step), key=lambda pair: pair[0]):
            yield Data(at, b"".join(part for _, part in together))

    def _timed(self, step: Data) -> Iterator[tuple[int, bytes]]:
        for part, event in parts(self._blocks, step.data):
            self._latest = max(self._latest, self._due(step.at, event))
            yield self._latest, part


def parts(blocks: Blocks, data: bytes) -> Iterator[tuple[bytes, Event | None]]:
    """Return the bytes up to the end of each event with that event, then those of an incomplete event with None."""
    begin = 0
    for block in blocks.feed(data):
        yield data[begin : block.end], block.event
        begin = block.end
    if begin < len(data):
        yield data[begin:], None
