"""What is kept of a `result` event: its text and its sources, in a shape that every database takes."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

MOST_SOURCES = 200
"""The sources that are kept of an answer."""


class KeptAnswer(NamedTuple):
    """An answer's text, and each source's type, title, url, page and rows as far as it has them."""

    text: str
    sources: list[dict[str, str | int]]


def answer_of(data: str) -> KeptAnswer | None:
    """The answer in a result's data; None when it holds none."""
    try:
        result = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(result, dict) or not isinstance(result.get("response"), str):
        return None
    sources = result.get("sources")
    listed = sources[:MOST_SOURCES] if isinstance(sources, list) else []
    return KeptAnswer(storable(result["response"]), [source(one) for one in listed if isinstance(one, dict)])


def source(given: dict[str, Any]) -> dict[str, str | int]:
    """A source's known fields."""
    texts = {
        name: storable(given[name]) for name in ("type", "title", "url") if isinstance(given.get(name), str)
    }
    numbers = {name: given[name] for name in ("page", "rows") if is_count(given.get(name))}
    return {**texts, **numbers}


def is_count(value: object) -> bool:
    """Whether a JSON value is an integer that 64 bits hold."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63


def storable(text: str) -> str:
    """The text with U+FFFD for NUL, which PostgreSQL does not store, and for lone surrogates, which nobody does."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
