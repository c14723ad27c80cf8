"""Where the events of a stream end in its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cassettes.sse import LINE_END, Decoder, Event


class Block(NamedTuple):
    """An event, or another block of the stream, and where it ends in the bytes that completed it."""

    event: Event
    end: int


class Blocks:
    """Finds the blocks of an event stream (WHATWG HTML 9.2) in bytes at any split."""

    def __init__(self) -> None:
        self._decoder = Decoder()

    def feed(self, data: bytes) -> Iterator[Block]:
        """The blocks that `data` completes. Take all of them before the next bytes are fed, or none any more."""
        begin = 0
        for found in LINE_END.finditer(data):
            line, begin = data[begin : found.end()], found.end()
            for event in self._decoder.feed(line):
                yield Block(event, begin)
        self._decoder.feed(data[begin:])
