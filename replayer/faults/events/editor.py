r"""Edits events in a stream, however its bytes are split, and leaves every byte and every chunk of the others.

A piece of the body is held until the last event that begins in it is complete. The edited bytes of an event are sent in
the piece that completed it. With an edit that makes upper case of the event `one`:

    fed                               sent
    10 ms  "data: o"                  nothing: the event goes on
    20 ms  "ne\n\ndata: two\n\n"   20 ms  "DATA: ONE\n\ndata: two\n\n"

The first piece has no bytes left and is dropped; an event that is not changed leaves both pieces as they were.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cassettes.framings.event import Event
from cassettes.framings.event_blocks import LONGEST, Blocks
from cassettes.framings.framing import Framing
from replayer.faults.fault import Step
from replayer.schedule.actions import Data, Finish, Raw

MOST_HELD = LONGEST
"""Bytes of memory for pieces that are held. If one event needs more, the rest of the stream is passed unchanged."""

OVERHEAD = 256
"""Bytes of memory that a piece takes in addition to its data, about."""

type Edit = Callable[[Event, bytes], bytes]
"""Returns the bytes that take the place of an event, given the event and its bytes."""


@dataclass(slots=True)
class BlockPart:
    """The bytes of one block in one piece of the body."""

    data: bytes


@dataclass(slots=True)
class HeldPiece:
    """A piece of the body that is held until the blocks in it are complete: its time, and a part for each block."""

    at: int
    parts: list[BlockPart] = field(default_factory=list)


class EventBytes:
    """The bytes of an event in all pieces that have some of them, without what matches `lead` before it."""

    def __init__(self, parts: list[BlockPart], lead: re.Pattern[bytes]) -> None:
        data = b"".join(part.data for part in parts)
        begin = lead.match(data)
        assert begin is not None
        self.raw = data[begin.end() :]
        self._parts = parts
        self._lead = begin.end()

    def replace(self, data: bytes) -> None:
        """Put other bytes in the event's place, in the piece that completed it."""
        if data == self.raw:
            return
        lead = self._lead
        for part in self._parts:
            part.data = part.data[:lead]
            lead -= len(part.data)
        self._parts[-1].data += data


class EventHolder:
    """Gives each event of a stream to `change` once it is complete, and holds the pieces that it is in.

    A held piece is sent with its own time. In a live response that can be past, so it is sent late.
    """

    def __init__(self, framing: Framing) -> None:
        self._blocks = Blocks(framing)
        self._later_lead = framing.lead
        self._lead = framing.first_lead
        self._held: list[HeldPiece] = []
        self._open: list[BlockPart] = []  # of the block that is not complete yet
        self._size = 0
        self._passes_rest = False

    def feed(self, step: Step) -> Iterator[Step]:
        """Return the steps in the place of one."""
        if isinstance(step, Data) and not self._passes_rest:
            self._hold(step)
            if self._size > MOST_HELD:
                self.give_up()
                self._passes_rest = bool(self._open)
            if self._passes_rest or not (self._open or self.is_waiting()):
                yield from self._release()
            return
        if isinstance(step, Raw | Finish):
            self._passes_rest = True
            yield from self._release()
        yield step

    def change(self, event: Event, event_bytes: EventBytes) -> None:
        """Handle a complete event, whose bytes can be replaced until its pieces are sent."""
        raise NotImplementedError

    def is_waiting(self) -> bool:
        """Return whether complete events must be held until more come."""
        return False

    def give_up(self) -> None:
        """Leave what is held as it is: it takes too much memory."""

    def _hold(self, step: Data) -> None:
        piece, begin = HeldPiece(step.at), 0
        self._held.append(piece)
        self._size += len(step.data) + OVERHEAD
        for block in self._blocks.feed(step.data):
            self._add_part(piece, step.data[begin : block.end])
            parts, self._open = self._open, []
            self.change(block.event, EventBytes(parts, self._lead))
            self._lead, begin = self._later_lead, block.end
        if begin < len(step.data):
            self._add_part(piece, step.data[begin:])

    def _add_part(self, piece: HeldPiece, data: bytes) -> None:
        part = BlockPart(data)
        piece.parts.append(part)
        self._open.append(part)

    def _release(self) -> Iterator[Step]:
        for piece in self._held:
            if data := b"".join(part.data for part in piece.parts):
                yield Data(piece.at, data)
        self._held, self._size = [], 0


class EventEditor(EventHolder):
    """Edits each event on its own."""

    def __init__(self, framing: Framing, edit: Edit) -> None:
        super().__init__(framing)
        self._edit = edit

    def change(self, event: Event, event_bytes: EventBytes) -> None:
        """Replace the bytes of an event by the edited ones."""
        event_bytes.replace(self._edit(event, event_bytes.raw))
