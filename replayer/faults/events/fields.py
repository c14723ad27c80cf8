"""Edits the fields of an event in its bytes (WHATWG HTML 9.2), and leaves its other lines as they were."""

from __future__ import annotations

import re

from cassettes.sse import LINE_END


def lines_of(name: bytes) -> re.Pattern[bytes]:
    """Finds the lines of a field: its `colon` with what belongs to it, its `value`, and the line's `end`."""
    begin = rb"(?:\A|(?<=[\r\n]))" + name
    return re.compile(begin + rb"(?P<colon>: ?|(?=[\r\n]))(?P<value>[^\r\n]*)(?P<end>\r\n|\r|\n)")


TYPE = lines_of(b"event")
DATA = lines_of(b"data")


def with_type(raw: bytes, kind: str) -> bytes:
    """The event as one of another type."""
    return with_values(raw, TYPE, b"event", [] if kind == "message" else [kind.encode()])


def with_data(raw: bytes, data: str) -> bytes:
    """The event with other data."""
    return with_values(raw, DATA, b"data", data.encode().split(b"\n"))


def with_values(raw: bytes, lines: re.Pattern[bytes], name: bytes, values: list[bytes]) -> bytes:
    """The event with a line for each value instead of a field's lines: where its first one is, or else first."""
    found, colon, begin = lines.search(raw), b": ", 0
    end = LINE_END.search(raw)
    assert end is not None
    line_end = end[0]
    if found is not None:
        colon, line_end, begin = found["colon"] or colon, found["end"], found.start()
    told = b"".join(name + colon + value + line_end for value in values)
    return raw[:begin] + told + lines.sub(b"", raw[begin:])
