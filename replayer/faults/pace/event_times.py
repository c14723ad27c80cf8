"""Gives the events of a stream times of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from cassettes.sse import Event
from replayer.faults.editing.event_blocks import Blocks
from replayer.faults.events.event_fault import in_streams
from replayer.faults.fault import Step, Transform
from replayer.schedule.actions import Data

type Due = Callable[[int, Event | None], int]
"""When the part of a chunk that came at some time is due; with the event, or other block, that the part ends."""


def at_times(due: Due) -> Transform:
    """Each part of an event when it is due; other answers than event streams pass.

    Time never runs back. A chunk is cut only where the events in it come at different times.
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
    """The bytes up to the end of each event, with it, and those of the event that is not whole yet."""
    begin = 0
    for block in blocks.feed(data):
        yield data[begin : block.end], block.event
        begin = block.end
    if begin < len(data):
        yield data[begin:], None
