"""Edits events in a stream that is cut anywhere, and leaves every byte and every chunk of the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cassettes.sse import Event
from replayer.faults.editing.event_blocks import LONGEST, Blocks
from replayer.faults.fault import Step
from replayer.schedule.actions import Data, Finish, Raw

MOST_HELD = LONGEST
"""Bytes of memory that are held back; where that is not enough for one event, the rest of the stream stays."""

OVERHEAD = 256
"""Bytes of memory that a piece takes beside its own, about."""

LEAD = re.compile(rb"[\r\n]*")
FIRST_LEAD = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*")

type Edit = Callable[[Event, bytes], bytes]
"""From an event and its bytes to the bytes that take their place."""


@dataclass(slots=True)
class BlockPart:
    """The bytes of one block in one piece of the body."""

    data: bytes


@dataclass(slots=True)
class HeldPiece:
    """A piece of the body that is held until the blocks in it are whole: its time, and its parts so far."""

    at: int
    parts: list[BlockPart] = field(default_factory=list)


class Stretch:
    """The bytes of an event, wherever it is cut. A byte order mark and blank lines before it are not its own."""

    def __init__(self, parts: list[BlockPart], lead: re.Pattern[bytes]) -> None:
        data = b"".join(part.data for part in parts)
        begin = lead.match(data)
        assert begin is not None
        self.raw = data[begin.end() :]
        self._parts = parts
        self._lead = begin.end()

    def put(self, data: bytes) -> None:
        """Have other bytes in their place, in the piece that completed them."""
        if data == self.raw:
            return
        lead = self._lead
        for part in self._parts:
            part.data = part.data[:lead]
            lead -= len(part.data)
        self._parts[-1].data += data


class Holder:
    """Gives the events of a stream to `change`, each once it is whole, and holds the pieces that they are in.

    What was held is sent at its own time, or late where the answer is live.
    """

    def __init__(self) -> None:
        self._blocks = Blocks()
        self._lead = FIRST_LEAD
        self._held: list[HeldPiece] = []
        self._open: list[BlockPart] = []  # of the block that is not whole yet
        self._size = 0
        self._lost = False

    def feed(self, step: Step) -> Iterator[Step]:
        """What takes the place of a step."""
        if isinstance(step, Data) and not self._lost:
            self._take(step)
            if self._size > MOST_HELD:
                self.forget()
                self._lost = bool(self._open)
            if self._lost or not (self._open or self.waits()):
                yield from self._release()
            return
        if isinstance(step, Raw | Finish):
            self._lost = True
            yield from self._release()
        yield step

    def change(self, event: Event, stretch: Stretch) -> None:
        """Do what is to be done with an event."""
        raise NotImplementedError

    def waits(self) -> bool:
        """Whether what is whole must be held still."""
        return False

    def forget(self) -> None:
        """What is held goes on as it is: it is too much."""

    def _take(self, step: Data) -> None:
        piece, begin = HeldPiece(step.at), 0
        self._held.append(piece)
        self._size += len(step.data) + OVERHEAD
        for block in self._blocks.feed(step.data):
            self._add(piece, step.data[begin : block.end])
            parts, self._open = self._open, []
            self.change(block.event, Stretch(parts, self._lead))
            self._lead, begin = LEAD, block.end
        if begin < len(step.data):
            self._add(piece, step.data[begin:])

    def _add(self, piece: HeldPiece, data: bytes) -> None:
        part = BlockPart(data)
        piece.parts.append(part)
        self._open.append(part)

    def _release(self) -> Iterator[Step]:
        for piece in self._held:
            if data := b"".join(part.data for part in piece.parts):
                yield Data(piece.at, data)
        self._held, self._size = [], 0


class Editor(Holder):
    """Edits each event by itself."""

    def __init__(self, edit: Edit) -> None:
        super().__init__()
        self._edit = edit

    def change(self, event: Event, stretch: Stretch) -> None:
        """Put the edited bytes in the place of an event's."""
        stretch.put(self._edit(event, stretch.raw))
