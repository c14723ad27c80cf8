"""What an event or a body says: a JSON value, a text, or bytes."""

from __future__ import annotations

from typing import Any

import msgspec

from foundation import json_pointer
from foundation.absent import ABSENT

DEEPEST = 64
"""Levels of JSON that are compared one by one; what is nested deeper was made to be slow, and is a text."""

type Step = str | int
type Path = tuple[Step, ...]
"""The way into a JSON value, keys and indexes."""

_decode = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder(order="sorted").encode
"""The one JSON text of a value."""


class PlainText(str):
    """A text that is no JSON."""

    __slots__ = ()


def read(text: str) -> Any:
    """The JSON value that a text is (of equal keys the last one counts), else the Text itself."""
    try:
        value = _decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # ValueError: an endless number
        return PlainText(text)
    return PlainText(text) if is_too_deep(value) else value


def text_of(data: bytes) -> str | None:
    """The text that bytes are, None when they are no UTF-8 or hold what no text has."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def is_too_deep(value: Any) -> bool:
    """Whether a value is nested deeper than is compared."""
    level = [value]
    for _ in range(DEEPEST):
        level = [child for item in level for child in children(item)]
        if not level:
            return False
    return True


def children(value: Any) -> list[Any]:
    """The items of an object or a list that have items themselves."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [item for item in items if isinstance(item, (dict, list))]


def kind(value: Any) -> str:
    """The JSON type of a value."""
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


def spelled(path: Path) -> str:
    """A way into a value as a JSON pointer (RFC 6901)."""
    return json_pointer.to_text(path)


def json_text(value: Any) -> str:
    """A value as JSON, for a person; a text that is none as it is, or that there is none."""
    if isinstance(value, PlainText):
        return str(value)
    return "nothing" if value is ABSENT else encode(value).decode("utf-8", "replace")
