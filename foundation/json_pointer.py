"""JSON pointers (RFC 6901): reads and writes them, and sets and removes what they name.

/a~1b/0   is the way ("a/b", "0"): the first item of the field "a/b"
(an empty pointer) is the whole document
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

INDEX = re.compile(r"0|[1-9][0-9]{0,17}")
LONE_TILDE = re.compile(r"~(?![01])")


def parse(pointer: str) -> tuple[str, ...]:
    """The keys and indexes that lead to a place; raises ValueError for what is no pointer."""
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is no JSON pointer: it does not begin with a slash")
    if LONE_TILDE.search(pointer):
        raise ValueError(f"{pointer!r} is no JSON pointer: ~ is written ~0, and / inside a name ~1")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])


def to_text(way: Iterable[str | int]) -> str:
    """The pointer to the place that keys and indexes lead to."""
    return "".join(f"/{escaped(str(step))}" for step in way)


def escaped(key: str) -> str:
    """A key as a pointer writes it, with its tildes and slashes escaped."""
    return key.replace("~", "~0").replace("/", "~1")


def set_at(document: Any, pointer: str, value: Any) -> Any:
    """The document, which may be changed itself, with `value` there; a field can be new, as can an item at `-`."""
    if not pointer:
        return value
    parent, last = parent_of(document, pointer)
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list) and last == "-":
        parent.append(value)
    elif isinstance(parent, list) and has_item(parent, last):
        parent[int(last)] = value
    return document


def remove_at(document: Any, pointer: str) -> Any:
    """The document, which may be changed itself, without what is there; a whole document stays."""
    parent, last = parent_of(document, pointer)
    if isinstance(parent, dict):
        parent.pop(last, None)
    elif isinstance(parent, list) and has_item(parent, last):
        del parent[int(last)]
    return document


def parent_of(document: Any, pointer: str) -> tuple[Any, str]:
    """What holds the place that a pointer names, None where nothing does, and the place's name in it."""
    if not pointer:
        return None, ""
    *way, last = parse(pointer)
    for token in way:
        if isinstance(document, dict):
            document = document.get(token)
        else:
            document = (
                document[int(token)] if isinstance(document, list) and has_item(document, token) else None
            )
    return document, last


def has_item(items: list[Any], token: str) -> bool:
    """Whether a token is the index of an item."""
    return INDEX.fullmatch(token) is not None and int(token) < len(items)
