"""Reads the data of an event, or a body, as a value that can be compared: JSON, or else a text."""

from __future__ import annotations

from typing import Any

import msgspec

from foundation.absent import ABSENT

DEEPEST = 64
"""Levels of JSON that are compared one by one. What is nested deeper, which only an attack is, is read as a text."""

type Step = str | int
type Path = tuple[Step, ...]
"""The keys and indexes that lead to a place in a JSON value."""

_decode = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder(order="sorted").encode
"""Encodes a value as JSON with sorted keys, so that equal values have one text."""


class PlainText(str):
    """A text that is not JSON, to tell it from a JSON string."""

    __slots__ = ()


def read(text: str) -> Any:
    """Returns the JSON value of a text (of equal keys the last one counts), or a PlainText when it is no JSON."""
    try:
        value = _decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # ValueError: an endless number
        return PlainText(text)
    return PlainText(text) if is_too_deep(value) else value


def text_of(data: bytes) -> str | None:
    """Returns bytes as text; None when they are not UTF-8 or hold a NUL."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def is_too_deep(value: Any) -> bool:
    """Tells whether a value has more than DEEPEST levels."""
    level = [value]
    for _ in range(DEEPEST):
        level = [child for item in level for child in children(item)]
        if not level:
            return False
    return True


def children(value: Any) -> list[Any]:
    """Returns the objects and lists that are directly in an object or a list."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [item for item in items if isinstance(item, (dict, list))]


def kind(value: Any) -> str:
    """Returns the JSON type of a value in words; "nothing" for ABSENT."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case PlainText():
            return "a text that is no JSON"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "nothing"


def json_text(value: Any) -> str:
    """Returns a value as a report shows it: as JSON, a PlainText as it is, ABSENT as "nothing"."""
    if isinstance(value, PlainText):
        return str(value)
    return "nothing" if value is ABSENT else encode(value).decode("utf-8", "replace")
