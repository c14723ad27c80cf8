"""Redacts the chunks of one exchange and keeps its records in order.

A chunk is released when all of its bytes are; records behind it wait for it. Redaction keeps lengths, so the redacted
bytes are cut into chunks where the original ones were cut:

    feed Chunk(b"pass"), Chunk(b"word=hun")    releases Chunk(b"pass"); "hun" may go on
    wait for Loss                              releases nothing: it keeps its place behind the second chunk
    feed Chunk(b"ter2&")                       releases Chunk(b"word=ohn"), Loss, Chunk(b"hkx1&")
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import msgspec

from cassettes.model import AnyRecord, Chunk
from cassettes.redaction.wide_text import RedactedText


class RedactionStream:
    """The chunks of one exchange that are held back, and its later records."""

    def __init__(self, text: RedactedText) -> None:
        self._text = text
        self._waiting: deque[AnyRecord] = deque()
        self._ready = b""

    def quiet(self, chunks: Sequence[Chunk]) -> bytes | None:
        """Return the bytes of these chunks if they can be written unchanged, otherwise None."""
        data = b"".join([chunk.data for chunk in chunks])
        return data if not self._waiting and self._text.quiet(data) else None

    def skip(self, data: bytes) -> None:
        """Add bytes that `quiet` returned, and which are written without `feed`."""
        self._text.skip(data)

    def feed(self, chunks: Sequence[Chunk]) -> list[AnyRecord]:
        """Add chunks; returns the records that can be written now."""
        self._waiting += chunks
        self._ready += self._text.feed(b"".join([chunk.data for chunk in chunks]))
        return self._released()

    def wait(self, record: AnyRecord) -> list[AnyRecord]:
        """Add a record that is no chunk behind the chunks before it; returns the records that can be written now."""
        self._waiting.append(record)
        return self._released()

    def close(self) -> list[AnyRecord]:
        """Return all records that are held back; no chunk follows."""
        self._ready += self._text.feed(b"", final=True)
        return self._released()

    def _released(self) -> list[AnyRecord]:
        released: list[AnyRecord] = []
        at = 0
        while self._waiting:
            record = self._waiting[0]
            if isinstance(record, Chunk):
                end = at + len(record.data)
                if end > len(self._ready):
                    break
                record, at = _with_data(record, self._ready[at:end]), end
            released.append(record)
            self._waiting.popleft()
        self._ready = self._ready[at:]
        return released


def _with_data(chunk: Chunk, data: bytes) -> Chunk:
    return chunk if data == chunk.data else msgspec.structs.replace(chunk, data=data)
