"""Finds where the events of a stream end in its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cassettes.sse import LINE_END, Decoder, Event

LONGEST = 16 << 20
"""Bytes of a block. After a longer one no more blocks are found, so that no live response fills the memory."""


class Block(NamedTuple):
    r"""An event, or a block of comments alone, and the offset at which it ends in the bytes that were fed last.

    Fed `data: a` and then `\n\ndata: b\n\nda`, the first gives no block, and the second gives two: `a` with
    the end 2, and `b` with the end 11.
    """

    event: Event
    end: int


class Blocks:
    """Finds the blocks of an event stream (WHATWG HTML 9.2), however its bytes are split."""

    def __init__(self) -> None:
        self._decoder: Decoder | None = Decoder()
        self._unfinished = 0  # bytes of the block that is not whole yet

    def feed(self, data: bytes) -> Iterator[Block]:
        """Return the blocks that `data` completes. Take all of them before the next bytes are fed."""
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
