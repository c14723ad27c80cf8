"""Finds where the events of a stream end in its bytes."""

from __future__ import annotations

from collections.abc import Iterator

from cassettes.framings.framing import Block, EventDecoder, Framing

LONGEST = 16 << 20
"""Bytes of a block. After a longer one no more blocks are found, so that no live response fills the memory."""


class Blocks:
    """Finds the blocks of a stream, however its bytes are split."""

    def __init__(self, framing: Framing) -> None:
        self._decoder: EventDecoder | None = framing.decoder()
        self._unfinished = 0  # bytes of the block that is not whole yet

    def feed(self, data: bytes) -> Iterator[Block]:
        """Return the blocks that `data` completes. Take all of them before the next bytes are fed."""
        if self._decoder is None:
            return
        found = 0
        for block in self._decoder.blocks(data):
            found, self._unfinished = block.end, 0
            yield block
        self._unfinished += len(data) - found
        if self._unfinished > LONGEST:
            self._decoder = None
