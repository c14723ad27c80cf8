"""The chunks of one response, and what waits behind them: redacted, and cut where they were cut before."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import msgspec

from cassettes.model import AnyRecord, Chunk
from cassettes.redaction.incremental_text import IncrementalText


class RedactionStream:
    """Holds back the chunks of one exchange that are not settled, and all of its later records."""

    def __init__(self, text: IncrementalText) -> None:
        self._text = text
        self._waiting: deque[AnyRecord] = deque()
        self._ready = b""

    def quiet(self, chunks: Sequence[Chunk]) -> bytes | None:
        """The bytes of these chunks when they can be written as they are, otherwise None."""
        data = b"".join([chunk.data for chunk in chunks])
        return data if not self._waiting and self._text.quiet(data) else None

    def skip(self, data: bytes) -> None:
        """Take notice of bytes that `quiet` gave."""
        self._text.skip(data)

    def feed(self, chunks: Sequence[Chunk]) -> list[AnyRecord]:
        """The records that can be written now that these chunks have arrived."""
        self._waiting += chunks
        self._ready += self._text.feed(b"".join([chunk.data for chunk in chunks]))
        return self._released()

    def wait(self, record: AnyRecord) -> list[AnyRecord]:
        """A record of this exchange that is no chunk: it keeps its place behind the chunks before it."""
        self._waiting.append(record)
        return self._released()

    def close(self) -> list[AnyRecord]:
        """All that is held back; no chunk follows."""
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
