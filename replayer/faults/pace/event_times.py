"""Moves the events of a stream in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from cassettes.sse import Event
from replayer.faults.editing.event_blocks import Blocks
from replayer.faults.events.event_fault import in_streams
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
    blocks = Blocks()
    latest = 0

    def timed(step: Data) -> Iterator[tuple[int, bytes]]:
        nonlocal latest
        for part, event in parts(blocks, step.data):
            latest = max(latest, due(step.at, event))
            yield latest, part

    def feed(step: Step) -> Iterator[Step]:
        if not isinstance(step, Data):
            yield step
            return
        for at, together in groupby(timed(step), key=lambda pair: pair[0]):
            yield Data(at, b"".join(part for _, part in together))

    return in_streams(feed)


def parts(blocks: Blocks, data: bytes) -> Iterator[tuple[bytes, Event | None]]:
    """Return the bytes up to the end of each event with that event, then those of an incomplete event with None."""
    begin = 0
    for block in blocks.feed(data):
        yield data[begin : block.end], block.event
        begin = block.end
    if begin < len(data):
        yield data[begin:], None
