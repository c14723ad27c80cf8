"""`corrupt-event`: an event's data is damaged, and the events around it are not."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Annotated, Literal

from cassettes.sse import Event
from replayer.faults.context import FaultContext
from replayer.faults.events.event_fault import EventFault
from replayer.faults.events.fields import DATA, with_data

NEVER_UTF8 = b"\xff"
BLANK_LINE = re.compile(rb"(?:\r\n|\r|\n)\Z")


@dataclass(frozen=True, kw_only=True)
class CorruptEvent(EventFault):
    """Damage an event's data."""

    called = "corrupt-event"
    example = "corrupt-event how=json type=result"

    how: Annotated[
        Literal["json", "utf8", "cut"],
        "json: its last bracket is missing; utf8: a byte that is none; cut: it stops half-way, as does the event",
    ] = "json"

    def edit(self, event: Event, raw: bytes, context: FaultContext) -> bytes:
        """Return the event with damaged data; the blank line at its end stays, so it is still one event."""
        if self.how == "json":
            return with_data(raw, broken_json(event.data)) if is_json(event.data) else raw
        return with_bad_byte(raw) if self.how == "utf8" else cut(raw)


def is_json(text: str) -> bool:
    """Return whether a text is JSON."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def broken_json(text: str) -> str:
    """Return a JSON text that is no JSON any more: without its last character or, if that is JSON, with a `]` more.

    broken_json('{"a": 1}')     '{"a": 1'
    broken_json("12")           "12]", since "1" is JSON
    """
    shorter = text.rstrip()[:-1]
    return text + "]" if is_json(shorter) else shorter


def with_bad_byte(raw: bytes) -> bytes:
    """Return the event with a byte in the middle of its data that occurs in no UTF-8 text."""
    found = DATA.search(raw)
    assert found is not None
    middle = (found.start("value") + found.end("value")) // 2
    colon = b"" if found["colon"] else b": "
    return raw[:middle] + colon + NEVER_UTF8 + raw[middle:]


def cut(raw: bytes) -> bytes:
    """Return the event up to the middle of its first data line, and the blank line that ends it."""
    found, blank = DATA.search(raw), BLANK_LINE.search(raw)
    assert found is not None
    assert blank is not None
    middle = (found.start("value") + found.end("value")) // 2
    return raw[:middle] + found["end"] + blank[0]
