r"""Multipart bodies (RFC 2046, 5.1) as a stream: each part is an event, as in incremental delivery of GraphQL.

A part goes from its delimiter up to the next one, so a server that wants a part to be read at once writes the next
delimiter right behind it. With the boundary `x`:

    --x\r\nContent-Type: application/json\r\n\r\n{"a": 1}\r\n     one event, complete when `--x` follows
    --x--\r\n                                                     the end
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cassettes.framings.delimited import is_json
from cassettes.framings.event import Event
from cassettes.framings.framing import Block, EventDecoder, Framing

PART = re.compile(rb"(?P<head>.*?(?:\r\n\r\n|\n\n|\A\r?\n))(?P<body>.*?)(?P<end>\r?\n)?\Z", re.DOTALL)
CONTENT_TYPE = re.compile(rb"(?im)^content-type:[ \t]*([^;\s]+)")
JSON_TYPE = re.compile(r"application/(?:[\w.+-]+\+)?json")


class MultipartDecoder(EventDecoder):
    """Reads the parts of a multipart body; what stands before the first delimiter and behind the last is no event."""

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = b"--" + boundary
        self._buffer = bytearray()  # from the delimiter of the part that is under way on
        self._scanned = 0
        self._open = False  # whether a part is under way

    def blocks(self, data: bytes, at: int = 0) -> Iterator[Block]:
        """Return the parts behind which `data` brings a delimiter."""
        before = len(self._buffer)
        self._buffer += data
        begin, size = 0, len(self._delimiter)
        while (found := self._buffer.find(self._delimiter, max(begin, self._scanned))) >= 0:
            if len(self._buffer) < found + size + 2:  # the two bytes behind it say whether it is the last one
                self._scanned = found
                break
            if self._open:
                yield Block(part_of(bytes(self._buffer[begin:found]), size, at), found - before)
            self._open = self._buffer[found + size : found + size + 2] != b"--"
            begin, self._scanned = found, found + size
        else:
            self._scanned = max(self._scanned, len(self._buffer) - size)
        del self._buffer[:begin]
        self._scanned = max(0, self._scanned - begin)

    def close(self, at: int = 0) -> Event | None:
        """Return the part that no delimiter ended: it is cut."""
        if not self._open:
            return None
        part = part_of(bytes(self._buffer), len(self._delimiter), at)
        self._open = False
        whole = is_json(part.data)
        return Event(type=part.type, data=part.data, at=at, dispatched=whole, cut=not whole)

    @property
    def under_way(self) -> bool:
        """Whether a part has begun and is not complete."""
        return self._open


class Multipart(Framing):
    """The parts of a multipart body with this boundary. The type of a part that is no JSON is its media type."""

    name = "a multipart body"
    lead = first_lead = re.compile(rb"")

    def __init__(self, boundary: str) -> None:
        self._boundary = boundary.encode()

    def decoder(self) -> MultipartDecoder:
        """Return a new decoder for one stream."""
        return MultipartDecoder(self._boundary)

    def encode(self, event: Event) -> bytes:
        """Return a part with its delimiter before it."""
        kind = "application/json" if event.type == "message" else event.type
        return b"--%b\r\nContent-Type: %b\r\n\r\n%b\r\n" % (
            self._boundary,
            kind.encode(),
            event.data.encode(),
        )

    def data(self, raw: bytes) -> bytes:
        """Return the body of a part."""
        return bytes(self._match(raw)["body"])

    def with_data(self, raw: bytes, data: bytes) -> bytes:
        """Return the part with another body."""
        found = self._match(raw)
        return raw[: found.start("body")] + data + raw[found.end("body") :]

    def with_type(self, raw: bytes, kind: str) -> bytes:
        """Return the part with another media type; `message` is JSON's."""
        media = b"application/json" if kind == "message" else kind.encode()
        return CONTENT_TYPE.sub(
            lambda found: found[0][: found.start(1) - found.start()] + media, raw, count=1
        )

    def _match(self, raw: bytes) -> re.Match[bytes]:
        found = PART.search(raw, raw.find(b"--" + self._boundary) + 2 + len(self._boundary))
        assert found is not None
        return found


def part_of(raw: bytes, delimiter: int, at: int) -> Event:
    """Return the event of a part; `delimiter` is the length of what stands before its headers."""
    found = PART.match(raw[delimiter:].removeprefix(b"\r").removeprefix(b"\n"))
    if found is None:
        return Event(data=raw[delimiter:].decode("utf-8", "replace").strip(), at=at)
    media = CONTENT_TYPE.search(found["head"])
    kind = media[1].decode("latin-1").lower() if media else "message"
    data = found["body"].decode("utf-8", "replace")
    return Event(type="message" if JSON_TYPE.fullmatch(kind) else kind, data=data, at=at)
