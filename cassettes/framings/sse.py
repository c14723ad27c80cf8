"""Server-sent events: bytes at any split to events, sans-IO, as the WHATWG HTML standard parses them (9.2).

The stream is read as a sequence of *blocks*: the lines up to a blank one. What a browser would throw away
(a block of comments, a block without data, an event cut by the end) stays visible, with `dispatched` false.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cassettes.framings.event import Event
from cassettes.framings.framing import NEVER_UTF8, Block, EventDecoder, Framing
from cassettes.framings.sse_fields import DATA, LINE_END, with_data, with_type

BREAK = re.compile(r"\r\n|\r|\n")
RETRY = re.compile(r"[0-9]{1,18}")  # more digits fit no 64-bit integer
BLANK_LINE = re.compile(rb"(?:\r\n|\r|\n)\Z")
BOM = b"\xef\xbb\xbf"
CR, LF = 0x0D, 0x0A


class Decoder(EventDecoder):
    """Reads server-sent events."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scanned = 0  # bytes at the buffer's beginning that hold no line end
        self._after_cr = False
        self._at_start = True
        self._last_id = ""
        self._retry: int | None = None
        self._clear_block()

    def feed(self, chunk: bytes, at: int = 0) -> list[Event]:
        """The events that `chunk`, which arrived at the time `at`, completes."""
        self._buffer += chunk
        if self._at_start and not self._skip_bom():
            return []
        events = []
        for line in self._lines():
            if line:
                self._field(line)
            elif self._in_block:
                events.append(self._finish_block(at, cut=False))
        return events

    def blocks(self, data: bytes, at: int = 0) -> Iterator[Block]:
        """The blocks that `data` completes, line by line, because the end of one is wanted."""
        begin = 0
        for line_end in LINE_END.finditer(data):
            line, begin = data[begin : line_end.end()], line_end.end()
            for event in self.feed(line, at):
                yield Block(event, begin)
        self.feed(data[begin:], at)

    def close(self, at: int = 0) -> Event | None:
        """The block that the end of the stream cut, which the standard discards; None when there is none."""
        if self._buffer:
            self._field(bytes(self._buffer))
            self._buffer.clear()
        return self._finish_block(at, cut=True) if self._in_block else None

    @property
    def under_way(self) -> bool:
        """Whether a block has begun and is not complete."""
        return self._in_block or bool(self._buffer)

    def _skip_bom(self) -> bool:
        """Drop a leading byte order mark; false while the bytes at hand may still become one."""
        if len(self._buffer) < len(BOM) and BOM.startswith(self._buffer):
            return False
        self._at_start = False
        if self._buffer.startswith(BOM):
            del self._buffer[: len(BOM)]
        return True

    def _lines(self) -> Iterator[bytes]:
        """The complete lines at hand, without their ends. A CR LF that two chunks share ends one line."""
        if self._after_cr and self._buffer:
            self._after_cr = False
            if self._buffer[0] == LF:
                del self._buffer[0]
        begin = 0
        for end in LINE_END.finditer(self._buffer, self._scanned):
            yield bytes(self._buffer[begin : end.start()])
            begin = end.end()
        if begin and begin == len(self._buffer):
            self._after_cr = self._buffer[-1] == CR
        del self._buffer[:begin]
        self._scanned = len(self._buffer)

    def _field(self, line: bytes) -> None:
        self._in_block = True
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if colon and not name:
            self._comments.append(value)
        elif name == "data":
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name == "id" and "\0" not in value:
            self._last_id = value
        elif name == "retry" and RETRY.fullmatch(value):
            self._retry = int(value)

    def _finish_block(self, at: int, *, cut: bool) -> Event:
        event = Event(
            type=self._type or "message",
            data="\n".join(self._data),
            id=self._last_id,
            retry=self._retry,
            at=at,
            dispatched=bool(self._data) and not cut,
            cut=cut,
            comments=tuple(self._comments),
        )
        self._clear_block()
        return event

    def _clear_block(self) -> None:
        self._in_block = False
        self._type = ""
        self._data: list[str] = []
        self._retry = None
        self._comments: list[str] = []


def encode(event: Event) -> bytes:
    """The block that a server writes for an event, with LF line ends.

    A line end in the data or a comment begins a further line of it. Raises ValueError for one in the type or
    the id, and for NUL in the id, because the format cannot express these.
    """
    if BREAK.search(event.type) or BREAK.search(event.id) or "\0" in event.id:
        raise ValueError(f"an event's type and id are one line, and the id has no NUL: {event}")
    lines = [f": {line}" for comment in event.comments for line in BREAK.split(comment)]
    if event.id:
        lines.append(f"id: {event.id}")
    if event.type != "message":
        lines.append(f"event: {event.type}")
    if event.retry is not None:
        lines.append(f"retry: {event.retry}")
    if event.dispatched:
        lines += [f"data: {line}" for line in BREAK.split(event.data)]
    return "".join(f"{line}\n" for line in [*lines, ""]).encode()


class ServerSentEvents(Framing):
    """Server-sent events, `text/event-stream`."""

    name = "server-sent events"

    def decoder(self) -> Decoder:
        """A new decoder for one stream."""
        return Decoder()

    def encode(self, event: Event) -> bytes:
        """The block of an event; raises ValueError for a type or id of several lines."""
        return encode(event)

    def data(self, raw: bytes) -> bytes:
        """The data of an event, its lines joined by LF."""
        return b"\n".join(found["value"] for found in DATA.finditer(raw))

    def with_data(self, raw: bytes, data: bytes) -> bytes:
        """The event with other data, a line for each line of it."""
        return with_data(raw, data)

    def with_type(self, raw: bytes, kind: str) -> bytes:
        """The event with another type; `message`, the type of an event without one, needs no line."""
        return with_type(raw, kind)

    def with_bad_byte(self, raw: bytes) -> bytes:
        """The event with a byte in the middle of its first data line that occurs in no UTF-8 text."""
        found = DATA.search(raw)
        assert found is not None
        middle = (found.start("value") + found.end("value")) // 2
        colon = b"" if found["colon"] else b": "
        return raw[:middle] + colon + NEVER_UTF8 + raw[middle:]

    def with_half_the_data(self, raw: bytes) -> bytes:
        """The event up to the middle of its first data line, and the blank line that ends it."""
        found, blank = DATA.search(raw), BLANK_LINE.search(raw)
        assert found is not None
        assert blank is not None
        middle = (found.start("value") + found.end("value")) // 2
        return raw[:middle] + found["end"] + blank[0]


SSE = ServerSentEvents()
