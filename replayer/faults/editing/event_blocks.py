"""Where the events of a stream end in its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cassettes.sse import LINE_END, Decoder, Event

LONGEST = 16 << 20
"""Bytes of a block; in a stream with a longer one no more is found, so that no live answer fills the memory."""


class Block(NamedTuple):
    """An event, or another block of the stream, and where it ends in the bytes that completed it."""

    event: Event
    end: int


class Blocks:
    """Finds the blocks of an event stream (WHATWG HTML 9.2) in bytes at any split."""

    def __init__(self) -> None:
        self._decoder: Decoder | None = Decoder()
        self._unfinished = 0  # bytes of the block that is not whole yet

    def feed(self, data: bytes) -> Iterator[Block]:
        """The blocks that `data` completes. Take all of them before the next bytes are fed, or none any more."""
        if self._decoder is None:
            return
        begin, found = 0, 0
        for line_end in LINE_END.finditer(data):
            line, begin = data[begin : line_end.end()], line_end.end()
            for event in self._decoder.feed(line):
                found, self._unfinished = begin, 0
                yield Block(event, begin)
        self._decoder.feed(data[begin:])
        self._unfinished += len(data) - found
        if self._unfinished > LONGEST:
            self._decoder = None
