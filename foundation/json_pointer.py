"""Sets and removes what a JSON pointer (RFC 6901) names; a pointer to nowhere changes nothing."""

from __future__ import annotations

import re
from typing import Any

INDEX = re.compile(r"0|[1-9][0-9]{0,17}")


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
    *way, last = map(unescaped, pointer.split("/")[1:])
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


def unescaped(token: str) -> str:
    """A token with its slashes and tildes."""
    return token.replace("~1", "/").replace("~0", "~")
