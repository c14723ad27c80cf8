r"""Framings in which a mark ends each event: JSON lines, JSON texts that end with NUL, and lines of code and JSON.

JSON lines (ndjson.org, jsonlines.org)         {"response": "Hel"}\n
NUL-separated, as FastChat's workers write     {"text": "Hel"}\0
coded lines, the AI SDK's first data stream    0:"Hel"\n
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from cassettes.framings.event import Event
from cassettes.framings.framing import Block, EventDecoder, Framing

CODE = re.compile(r"([0-9a-z]):(.*)", re.DOTALL)
TEXT_CODE = "0"
"""The code of a piece of text, which an event without a type gets."""


class DelimitedDecoder(EventDecoder):
    """Reads events of which each ends with a mark of one byte; blank ones are no events."""

    def __init__(self, framing: Delimited) -> None:
        self._framing = framing
        self._rest = bytearray()

    def blocks(self, data: bytes, at: int = 0) -> Iterator[Block]:
        """Return the events whose marks are in `data`."""
        begin, mark = 0, self._framing.mark
        while (found := data.find(mark, begin)) >= 0:
            record = bytes(self._rest) + data[begin:found]
            self._rest.clear()
            begin = found + 1
            if record.strip():
                yield Block(self._framing.event(record, at), begin)
        self._rest += data[begin:]

    def close(self, at: int = 0) -> Event | None:
        """Return the event behind the last mark, cut unless it is JSON: many servers omit the mark."""
        record = bytes(self._rest)
        self._rest.clear()
        if not record.strip():
            return None
        event = self._framing.event(record, at)
        return event if is_json(event.data) else Event(data=event.data, at=at, dispatched=False, cut=True)

    @property
    def under_way(self) -> bool:
        """Whether an event has begun and is not complete."""
        return bool(self._rest.strip())


class Delimited(Framing):
    """Events of which each ends with `mark`, one byte."""

    mark: bytes

    def decoder(self) -> DelimitedDecoder:
        """Return a new decoder for one stream."""
        return DelimitedDecoder(self)

    def event(self, record: bytes, at: int) -> Event:
        """Return the event of a record, which stands before a mark."""
        return Event(data=record.decode("utf-8", "replace").strip("\r\n"), at=at)

    def encode(self, event: Event) -> bytes:
        """Return the event's data on one line, and the mark."""
        return on_one_line(event.data).encode() + self.mark

    def data(self, raw: bytes) -> bytes:
        """Return what stands before the mark."""
        return raw.removesuffix(self.mark).removesuffix(b"\r")

    def with_data(self, raw: bytes, data: bytes) -> bytes:
        """Return other data with the same end."""
        return data + raw[len(self.data(raw)) :]


class JsonLines(Delimited):
    """JSON texts of which each has a line of its own."""

    name = "JSON lines"
    mark = b"\n"


class NulSeparated(Delimited):
    """JSON texts of which each ends with NUL."""

    name = "NUL-separated JSON"
    mark = b"\0"
    lead = first_lead = re.compile(rb"[\0\r\n]*")


class CodedLines(Delimited):
    """Lines of a code of one character, a colon, and JSON; the code is the event's type."""

    name = "coded JSON lines"
    mark = b"\n"

    def event(self, record: bytes, at: int) -> Event:
        """Return the event of a line; a line without a code is all data."""
        event = super().event(record, at)
        found = CODE.fullmatch(event.data)
        return Event(type=found[1], data=found[2], at=at) if found else event

    def encode(self, event: Event) -> bytes:
        """Return the line of an event; one without a type is text. Raises ValueError for a longer type."""
        code = TEXT_CODE if event.type == "message" else event.type
        line = f"{code}:{on_one_line(event.data)}"
        if not CODE.fullmatch(line) or len(code) != 1:
            raise ValueError(
                f"the type of an event in coded lines is one character, 0 to 9 or a to z: {event.type}"
            )
        return line.encode() + self.mark

    def data(self, raw: bytes) -> bytes:
        """Return the JSON behind the code."""
        line = super().data(raw)
        return line[2:] if line[1:2] == b":" else line

    def with_data(self, raw: bytes, data: bytes) -> bytes:
        """Return the line with other JSON behind its code."""
        line, code = Delimited.data(self, raw), raw[:2] if raw[1:2] == b":" else b""
        return code + data + raw[len(line) :]

    def with_type(self, raw: bytes, kind: str) -> bytes:
        """Return the line with another code, of which only one character counts; `message` is text."""
        code = TEXT_CODE if kind == "message" else kind[:1]
        return code.encode() + raw[1:] if raw[1:2] == b":" else raw


def is_json(text: str) -> bool:
    """Return whether a text is JSON."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def on_one_line(data: str) -> str:
    """Return data without line breaks, which JSON does not need."""
    return " ".join(data.split("\n")).replace("\r", " ").replace("\0", " ")


JSON_LINES = JsonLines()
NUL_SEPARATED = NulSeparated()
CODED_LINES = CodedLines()
