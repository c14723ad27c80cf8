"""AWS's binary event stream, `application/vnd.amazon.eventstream`: frames with headers, a payload and two checksums.

    4 bytes  length of the frame         integers are big-endian, checksums are CRC-32
    4 bytes  length of the headers
    4 bytes  checksum of these 8 bytes
    headers  each: 1 byte length of the name, the name, 1 byte type, the value
    payload
    4 bytes  checksum of all before it

The header `:event-type` (or `:exception-type`, `:error-code`) is the event's type, the payload its data.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from zlib import crc32

from cassettes.framings.event import Event
from cassettes.framings.framing import Block, EventDecoder, Framing

PRELUDE = struct.Struct(">III")
CHECKSUM = struct.Struct(">I")
OVERHEAD = PRELUDE.size + CHECKSUM.size
LONGEST_FRAME = 24 << 20
"""Bytes of a frame: AWS allows 16 MiB of payload, and 128 KiB of headers."""

STRING = 7
SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""The bytes of a value by its type; the types 6 (bytes) and 7 (string) have a length of two bytes before them."""

TYPE_HEADERS = (":event-type", ":exception-type", ":error-code")

type FrameHeader = tuple[str, int, bytes]
"""A header's name, the type of its value, and the value with its length if it has one."""


class AwsDecoder(EventDecoder):
    """Reads frames. Behind a wrong length nothing can be found, so what follows is one event that is cut."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._broken = False

    def blocks(self, data: bytes, at: int = 0) -> Iterator[Block]:
        """Return the frames that `data` completes."""
        if self._broken:
            return
        before, begin = len(self._buffer), 0
        self._buffer += data
        while len(self._buffer) - begin >= PRELUDE.size:
            length = frame_length(self._buffer[begin : begin + PRELUDE.size])
            if length is None:
                self._broken = True
                self._buffer.clear()
                return
            if len(self._buffer) - begin < length:
                break
            raw = bytes(self._buffer[begin : begin + length])
            begin += length
            yield Block(event_of(raw, at), begin - before)
        del self._buffer[:begin]

    def close(self, at: int = 0) -> Event | None:
        """Return what is behind the last whole frame as an event that is cut."""
        if self._broken:
            why = "a frame's length or the checksum of its length is wrong"
            return Event(at=at, dispatched=False, cut=True, comments=(why,))
        if not self._buffer:
            return None
        size = len(self._buffer)
        self._buffer.clear()
        return Event(
            at=at, dispatched=False, cut=True, comments=(f"{size} bytes of a frame that is not whole",)
        )

    @property
    def under_way(self) -> bool:
        """Whether a frame has begun and is not complete."""
        return self._broken or bool(self._buffer)


class AwsEventStream(Framing):
    """AWS's binary event stream."""

    name = "an AWS event stream"

    def decoder(self) -> AwsDecoder:
        """Return a new decoder for one stream."""
        return AwsDecoder()

    def encode(self, event: Event) -> bytes:
        """Return the frame of an event with JSON as its payload."""
        headers = [string(":event-type", event.type), string(":content-type", "application/json")]
        return frame([*headers, string(":message-type", "event")], event.data.encode())

    def data(self, raw: bytes) -> bytes:
        """Return the payload of a frame."""
        return parts(raw)[1]

    def with_data(self, raw: bytes, data: bytes) -> bytes:
        """Return the frame with another payload, and its length and checksums made right."""
        return frame(parts(raw)[0], data)

    def with_type(self, raw: bytes, kind: str) -> bytes:
        """Return the frame with another type, and its length and checksums made right."""
        headers, payload = parts(raw)
        changed = [string(name, kind) if name in TYPE_HEADERS else (name, *rest) for name, *rest in headers]
        return frame(changed, payload)  # type: ignore[arg-type] # a star loses the types


def frame_length(prelude: bytes | bytearray) -> int | None:
    """Return the length that a prelude gives its frame; None when it cannot be, or its checksum is wrong."""
    total, headers, checksum = PRELUDE.unpack(prelude)
    possible = OVERHEAD + headers <= total <= LONGEST_FRAME
    return total if possible and crc32(prelude[:8]) == checksum else None


def event_of(raw: bytes, at: int) -> Event:
    """Return the event of a whole frame; one whose checksum is wrong is not dispatched."""
    try:
        headers, payload = parts(raw)
    except (ValueError, IndexError, struct.error):
        return Event(at=at, dispatched=False, comments=("the headers of the frame cannot be read",))
    texts = {name: value[2:].decode("utf-8", "replace") for name, kind, value in headers if kind == STRING}
    known = next((texts[name] for name in TYPE_HEADERS if texts.get(name)), "message")
    message = texts.get(":error-message", "")
    right = crc32(raw[: -CHECKSUM.size]) == CHECKSUM.unpack(raw[-CHECKSUM.size :])[0]
    return Event(
        type=known,
        data=payload.decode("utf-8", "replace") or message,
        at=at,
        dispatched=right,
        comments=() if right else ("the checksum of the frame is wrong",),
    )


def parts(raw: bytes) -> tuple[list[FrameHeader], bytes]:
    """Return the headers and the payload of a frame; raises ValueError or IndexError for headers that are none."""
    _, length, _ = PRELUDE.unpack(raw[: PRELUDE.size])
    place, end = PRELUDE.size, PRELUDE.size + length
    headers: list[FrameHeader] = []
    while place < end:
        name_end = place + 1 + raw[place]
        name, kind = raw[place + 1 : name_end].decode("utf-8", "replace"), raw[name_end]
        size = SIZES[kind] if kind in SIZES else 2 + int.from_bytes(raw[name_end + 1 : name_end + 3])
        place = name_end + 1 + size
        headers.append((name, kind, raw[name_end + 1 : place]))
    if place != end:
        raise ValueError("a header goes on behind the headers")
    return headers, raw[end : -CHECKSUM.size]


def string(name: str, value: str) -> FrameHeader:
    """Return a header whose value is a string."""
    data = value.encode()
    return name, STRING, len(data).to_bytes(2) + data


def frame(headers: list[FrameHeader], payload: bytes) -> bytes:
    """Return a frame, with its lengths and checksums."""
    head = b"".join(
        bytes([len(name.encode())]) + name.encode() + bytes([kind]) + value for name, kind, value in headers
    )
    lengths = struct.pack(">II", OVERHEAD + len(head) + len(payload), len(head))
    body = lengths + CHECKSUM.pack(crc32(lengths)) + head + payload
    return body + CHECKSUM.pack(crc32(body))


AWS_EVENT_STREAM = AwsEventStream()
