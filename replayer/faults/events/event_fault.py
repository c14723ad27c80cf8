"""Faults that change single events, and leave every byte and every chunk of the others as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from cassettes.model import media_type
from cassettes.sse import Event
from cassettes.timeline import EVENT_STREAM
from replayer.faults.blocks import Blocks
from replayer.faults.fault import Fault, Feed, Step
from replayer.faults.limits import chosen
from replayer.faults.scene import Scene
from replayer.schedule import Data, End, Head

type Edit = Callable[[Event, bytes], bytes]
"""From an event and its bytes to the bytes that take their place."""


@dataclass(frozen=True, kw_only=True)
class EventFault(Fault):
    """A fault that changes the events which its limits choose, counted in each stream by themselves."""

    counts: ClassVar[Literal["requests", "events"]] = "events"

    def edit(self, event: Event, raw: bytes, scene: Scene) -> bytes:
        """The bytes in the place of a chosen event's; none drop it."""
        raise NotImplementedError

    def concerns(self, event: Event) -> bool:
        """Whether an event is one of those that are chosen from."""
        return event.dispatched and self.type in {None, event.type}

    def begin(self, scene: Scene) -> Feed:
        """Edit the events of a stream; other answers pass."""
        chooser = Chooser(self, scene)

        def edit(event: Event, raw: bytes) -> bytes:
            return self.edit(event, raw, scene) if chooser.takes(event) else raw

        return in_streams(Editor(edit).feed)


class Chooser:
    """Counts the events of one stream, and says which are hit."""

    def __init__(self, fault: EventFault, scene: Scene) -> None:
        self._fault = fault
        self._scene = scene
        self._number = 0
        self._hits = 0

    def takes(self, event: Event) -> bool:
        """Whether the fault hits the next event."""
        if not self._fault.concerns(event):
            return False
        self._number += 1
        hit = chosen(self._fault, self._number, self._hits, self._scene.random)
        self._hits += hit
        return hit


def in_streams(feed: Feed) -> Feed:
    """A feed that only sees the steps of event streams."""
    is_stream = False

    def only(step: Step) -> Iterator[Step]:
        nonlocal is_stream
        if isinstance(step, Head):
            is_stream = media_type(step.headers) == EVENT_STREAM
        yield from feed(step) if is_stream else (step,)

    return only


@dataclass
class Piece:
    """A piece of the body that is held until the event that it begins is whole: its time, and its bytes so far."""

    at: int
    data: bytearray = field(default_factory=bytearray)


class Editor:
    """Edits events in a stream that is cut anywhere; a piece keeps its own bytes where nothing was edited.

    An edited event is sent with the piece that completed it.
    """

    def __init__(self, edit: Edit) -> None:
        self._edit = edit
        self._blocks = Blocks()
        self._held: list[Piece] = []
        self._open: list[tuple[Piece, bytes]] = []  # the parts of the event that is not whole yet

    def feed(self, step: Step) -> Iterator[Step]:
        """What takes the place of a step."""
        if isinstance(step, Data):
            self._take(step)
            if not self._open:
                yield from self._release()
        elif isinstance(step, End):
            for piece, part in self._open:
                piece.data += part
            yield from self._release()
            yield step
        else:
            yield step

    def _take(self, step: Data) -> None:
        piece, begin = Piece(step.at), 0
        self._held.append(piece)
        for block in self._blocks.feed(step.data):
            self._open.append((piece, step.data[begin : block.end]))
            self._close(block.event)
            begin = block.end
        if begin < len(step.data):
            self._open.append((piece, step.data[begin:]))

    def _close(self, event: Event) -> None:
        """Edit the event whose parts are all there."""
        raw = b"".join(part for _, part in self._open)
        edited = self._edit(event, raw)
        if edited == raw:
            for piece, part in self._open:
                piece.data += part
        else:
            self._open[-1][0].data += edited
        self._open.clear()

    def _release(self) -> Iterator[Step]:
        for piece in self._held:
            if piece.data:
                yield Data(piece.at, bytes(piece.data))
        self._held.clear()
