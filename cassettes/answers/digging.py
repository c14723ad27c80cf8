"""Takes values out of JSON that may have any shape: what is not there, or of another type, is empty."""

from __future__ import annotations

from typing import Any

import msgspec

_decode = msgspec.json.Decoder().decode


def decoded(text: str | bytes) -> Any:
    """Return the JSON value of a text, None when it is no JSON."""
    try:
        return _decode(text)
    except (
        msgspec.DecodeError,
        ValueError,
        RecursionError,
    ):  # ValueError: a lone surrogate, or an endless number
        return None


def dig(value: Any, *steps: str | int) -> Any:
    """Return what is at the end of keys and indexes, None where the way ends early.

    dig({"choices": [{"delta": {"content": "Hi"}}]}, "choices", 0, "delta", "content")    "Hi"
    """
    for step in steps:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def text_at(value: Any, *steps: str | int) -> str:
    """Return the string at the end of keys and indexes, an empty one where there is none."""
    found = dig(value, *steps)
    return found if isinstance(found, str) else ""


def list_at(value: Any, *steps: str | int) -> list[Any]:
    """Return the list at the end of keys and indexes, an empty one where there is none."""
    found = dig(value, *steps)
    return found if isinstance(found, list) else []


def dict_at(value: Any, *steps: str | int) -> dict[str, Any]:
    """Return the object at the end of keys and indexes, an empty one where there is none."""
    found = dig(value, *steps)
    return found if isinstance(found, dict) else {}


def count_at(value: Any, *steps: str | int) -> int | None:
    """Return the whole number at the end of keys and indexes, None where there is none."""
    found = dig(value, *steps)
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def error_at(value: Any, *steps: str | int) -> str:
    """Return an error as a line: a string, or the message (or else the type, or code) of an object; "" for none."""
    found = dig(value, *steps)
    if isinstance(found, dict):
        words = (found.get(name) for name in ("message", "detail", "type", "code", "error"))
        found = next((word for word in words if isinstance(word, str) and word), "an error")
    return found if isinstance(found, str) else ""
