r"""JSON text sequences (RFC 7464): each JSON text stands between a record separator (RS) and a line feed.

A text may have line feeds inside. It is complete at a line feed at which no bracket is open, or at the next separator:

    \x1e{"a": 1}\n          one event at its line feed
    \x1e{"a":\n 1}\n        one event at the second line feed, because a bracket is open at the first
    \x1e{"a":\x1e           an event that is cut: the next separator came first
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cassettes.framings.delimited import is_json, on_one_line
from cassettes.framings.event import Event
from cassettes.framings.framing import Block, EventDecoder, Framing

SEPARATOR = b"\x1e"
END = re.compile(rb"[\x1e\n]")
BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])')


class JsonSequenceDecoder(EventDecoder):
    """Reads a JSON text sequence."""

    def __init__(self) -> None:
        self._line = bytearray()  # since the last line feed
        self._lines: list[bytes] = []  # of the text that is under way, without the last one
        self._depth = 0  # brackets that are open in these

    def blocks(self, data: bytes, at: int = 0) -> Iterator[Block]:
        """Return the texts that `data` completes."""
        begin = 0
        for mark in END.finditer(data):
            self._line += data[begin : mark.start()]
            begin = mark.end()
            self._end_line()
            if not self.under_way:
                continue
            if mark[0] == SEPARATOR:
                yield Block(self._text(at), mark.start())
            elif self._depth <= 0:
                yield Block(self._text(at), mark.end())
        self._line += data[begin:]

    def close(self, at: int = 0) -> Event | None:
        """Return the last text, if neither a line feed nor a separator ended it; it is cut unless it is whole JSON."""
        self._end_line()
        return self._text(at) if self.under_way else None

    @property
    def under_way(self) -> bool:
        """Whether a text has begun and is not complete."""
        return bool(self._line.strip(b"\x1e \t\r\n")) or any(line.strip() for line in self._lines)

    def _end_line(self) -> None:
        """Count the brackets of a line; a string never goes on in the next one (RFC 8259, 7)."""
        line = bytes(self._line)
        self._line.clear()
        for found in BRACKET.finditer(line):
            self._depth += (found[1] is not None) - (found[2] is not None)
        self._lines.append(line)

    def _text(self, at: int) -> Event:
        data = b"\n".join(self._lines).decode("utf-8", "replace").strip()
        self._lines, self._depth = [], 0
        whole = is_json(data)
        return Event(data=data, at=at, dispatched=whole, cut=not whole)


class JsonSequence(Framing):
    """A JSON text sequence, `application/json-seq`."""

    name = "a JSON text sequence"

    def decoder(self) -> JsonSequenceDecoder:
        """Return a new decoder for one stream."""
        return JsonSequenceDecoder()

    def encode(self, event: Event) -> bytes:
        """Return the event's data between a separator and a line feed."""
        return SEPARATOR + on_one_line(event.data).encode() + b"\n"

    def data(self, raw: bytes) -> bytes:
        """Return the text without its separator and line feed."""
        return raw.strip(b"\x1e\r\n")

    def with_data(self, raw: bytes, data: bytes) -> bytes:
        """Return other data between the same marks."""
        begin = len(raw) - len(raw.lstrip(b"\x1e\r\n"))
        return raw[:begin] + data + raw[len(raw.rstrip(b"\x1e\r\n")) :]


JSON_SEQUENCE = JsonSequence()
