"""Edits the fields of a server-sent event in its bytes (WHATWG HTML 9.2), and leaves its other lines as they were."""

from __future__ import annotations

import re

LINE_END = re.compile(rb"\r\n|\r|\n")


def lines_of(name: bytes) -> re.Pattern[bytes]:
    """Return a pattern for the lines of a field: the groups `colon` (with its blank), `value` and `end` (of the line).

    `data: a` has the colon `: ` and the value `a`; `data:a` has the colon `:`; `data` alone has neither.
    """
    begin = rb"(?:\A|(?<=[\r\n]))" + name
    return re.compile(begin + rb"(?P<colon>: ?|(?=[\r\n]))(?P<value>[^\r\n]*)(?P<end>\r\n|\r|\n)")


TYPE = lines_of(b"event")
DATA = lines_of(b"data")


def with_type(raw: bytes, kind: str) -> bytes:
    """Return the event with another type; `message`, the type of an event without one, needs no line."""
    return with_values(raw, TYPE, b"event", [] if kind == "message" else [kind.encode()])


def with_data(raw: bytes, data: bytes) -> bytes:
    """Return the event with other data, a line for each line of it."""
    return with_values(raw, DATA, b"data", data.split(b"\n"))


def with_values(raw: bytes, lines: re.Pattern[bytes], name: bytes, values: list[bytes]) -> bytes:
    """Return the event with a line for each value instead of a field's lines: where the first was, or else at the top.

    With the values ["x"] for `data`, and `/` for the end of a line:

        event: a/data: 1/id: 7/data: 2//     event: a/data: x/id: 7//
        id: 7//                              data: x/id: 7//
    """
    found, colon, begin = lines.search(raw), b": ", 0
    end = LINE_END.search(raw)
    assert end is not None
    line_end = end[0]
    if found is not None:
        colon, line_end, begin = found["colon"] or colon, found["end"], found.start()
    new_lines = b"".join(name + colon + value + line_end for value in values)
    return raw[:begin] + new_lines + lines.sub(b"", raw[begin:])
