"""JSON pointers (RFC 6901): parses and writes them, and sets or removes the value that one refers to.

pointer    parsed           refers to
/a~1b/0    ("a/b", "0")     the first item of the field "a/b"
(empty)    ()               the whole document
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

INDEX = re.compile(r"0|[1-9][0-9]{0,17}")
LONE_TILDE = re.compile(r"~(?![01])")


def parse(pointer: str) -> tuple[str, ...]:
    """Return the keys and indexes of a pointer; raises ValueError when it is malformed."""
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is no JSON pointer: it does not begin with a slash")
    if LONE_TILDE.search(pointer):
        raise ValueError(f"{pointer!r} is no JSON pointer: ~ is written ~0, and / inside a name ~1")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])


def to_text(way: Iterable[str | int]) -> str:
    """Return the pointer that has these keys and indexes."""
    return "".join(f"/{escaped(str(step))}" for step in way)


def escaped(key: str) -> str:
    """Return a key with its tildes and slashes escaped for a pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def set_at(document: Any, pointer: str, value: Any) -> Any:
    """Set the value that a pointer refers to; returns the document, which is changed in place where it can be.

    A field is added when it is missing; the index `-` appends an item. Where the parent does not exist, nothing
    changes.
    """
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
    """Remove the value that a pointer refers to, in place, and return the document; the whole document stays."""
    parent, last = parent_of(document, pointer)
    if isinstance(parent, dict):
        parent.pop(last, None)
    elif isinstance(parent, list) and has_item(parent, last):
        del parent[int(last)]
    return document


def parent_of(document: Any, pointer: str) -> tuple[Any, str]:
    """Return the object or array that contains the place, or None when there is none, and the last key or index."""
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
    """Return whether a token is the index of an item."""
    return INDEX.fullmatch(token) is not None and int(token) < len(items)
