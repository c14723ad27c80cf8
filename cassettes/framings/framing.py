r"""What every framing can do: find the events in bytes at any split, and write them again.

A framing of one's own is a class with a decoder and five functions on the bytes of one event; it is added to the
table in `recognition.py`. The bytes of an event are all that belongs to it, with the mark that ends it, and without
what matches `lead` before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from cassettes.framings.event import Event

NEVER_UTF8 = b"\xff"
"""A byte that occurs in no UTF-8 text."""


class Block(NamedTuple):
    r"""An event, or a block of comments alone, and the offset at which it ends in the bytes that were fed last.

    Of server-sent events, fed `data: a` and then `\n\ndata: b\n\nda`, the first gives no block, and the second gives
    two: `a` with the end 2, and `b` with the end 11.
    """

    event: Event
    end: int


class EventDecoder:
    """Turns chunks into events. Feed it bytes at any split: the events are the same for each."""

    def blocks(self, data: bytes, at: int = 0) -> Iterator[Block]:
        """Return the blocks that `data`, which arrived at the time `at`, completes; take all before the next feed."""
        raise NotImplementedError

    def feed(self, chunk: bytes, at: int = 0) -> list[Event]:
        """Return the events that `chunk`, which arrived at the time `at`, completes."""
        return [block.event for block in self.blocks(chunk, at)]

    def close(self, at: int = 0) -> Event | None:
        """Return the event that the end of the stream completes or cuts, None when there is none."""
        raise NotImplementedError

    @property
    def under_way(self) -> bool:
        """Whether an event has begun and is not complete."""
        raise NotImplementedError


class Framing:
    """One way to frame events; `name` is for people. An instance has no state, and may be shared."""

    name: ClassVar[str]
    lead: ClassVar[re.Pattern[bytes]] = re.compile(rb"[\r\n]*")
    first_lead: ClassVar[re.Pattern[bytes]] = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*")

    def decoder(self) -> EventDecoder:
        """Return a new decoder for one stream."""
        raise NotImplementedError

    def encode(self, event: Event) -> bytes:
        """Return the bytes that a server writes for an event; raises ValueError for what the framing cannot say."""
        raise NotImplementedError

    def data(self, raw: bytes) -> bytes:
        """Return the data in the bytes of an event."""
        raise NotImplementedError

    def with_data(self, raw: bytes, data: bytes) -> bytes:
        """Return the bytes of an event with other data."""
        raise NotImplementedError

    def with_type(self, raw: bytes, kind: str) -> bytes:
        """Return the bytes of an event with another type, or as they were where the framing has no types."""
        return raw

    def with_bad_byte(self, raw: bytes) -> bytes:
        """Return the bytes of an event with a byte in the middle of its data that occurs in no UTF-8 text."""
        data = self.data(raw)
        middle = len(data) // 2
        return self.with_data(raw, data[:middle] + NEVER_UTF8 + data[middle:])

    def with_half_the_data(self, raw: bytes) -> bytes:
        """Return the bytes of an event whose data stops half-way."""
        data = self.data(raw)
        return self.with_data(raw, data[: len(data) // 2])
