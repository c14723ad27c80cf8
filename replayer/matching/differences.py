"""How two requests differ, part by part, in words that a report shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from cassettes.model import Request
from foundation import json_pointer
from foundation.absent import ABSENT
from foundation.http.headers import first
from replayer.matching.comparable_body import (
    Body,
    encode,
    readable,
)

MOST_DIFFERENCES = 20
"""Of a body, so that a report stays readable."""

LONGEST_VALUE = 200
"""Characters of a value that a difference shows."""


class RequestDifference(msgspec.Struct, frozen=True):
    """One thing in which a request is not the recorded one.

    `what` is "method", "path", "query NAME", "header NAME", "body /json/pointer", "body NAME" (a field of a
    form) or "body"; `expected` is what was recorded.
    """

    what: str
    expected: str
    found: str


def named_differences(
    kind: str, found: Iterable[tuple[str, ...]], expected: Iterable[tuple[str, ...]]
) -> Iterator[RequestDifference]:
    """For each name whose values are not the same, in any order."""
    ours, theirs = by_name(found), by_name(expected)
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            yield RequestDifference(
                f"{kind} {readable(name)}", shown_values(theirs.get(name)), shown_values(ours.get(name))
            )


def by_name(found: Iterable[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    """The sorted values of each name; what follows a name is its value."""
    named: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for name, *value in sorted(found):
        named[name].append(tuple(value))
    return dict(named)


def value_differences(what: str, found: str | None, expected: str | None) -> Iterator[RequestDifference]:
    """When a value, or that there is none, is not the same."""
    if found != expected:
        yield RequestDifference(
            what, *(shown_values(None if one is None else [(one,)]) for one in (expected, found))
        )


def body_differences(
    found: Body, expected: Body, request: Request, recorded: Request
) -> Iterator[RequestDifference]:
    """In what two bodies differ: by JSON pointer, by field or part, else as a whole."""
    if found.canonical == expected.canonical:
        return
    if found.kind == expected.kind == "json":
        yield from json_differences(found.value, expected.value)
    elif found.kind == expected.kind != "bytes":
        yield from named_differences("body", found.value, expected.value)
    elif request.body == recorded.body:
        yield from value_differences(
            "header content-type",
            *(first(one.headers, "content-type") or None for one in (request, recorded)),
        )
    else:
        yield RequestDifference("body", *(shown(readable(one.body)) for one in (recorded, request)))


def json_differences(found: Any, expected: Any) -> Iterator[RequestDifference]:
    """Each place, as a JSON pointer (RFC 6901), in which two JSON values differ."""
    places = [("", expected, found)]  # a stack, because bodies can be nested deeper than Python's calls
    while places:
        pointer, expected, found = places.pop()
        if isinstance(expected, dict) and isinstance(found, dict):
            names = sorted(expected.keys() | found.keys(), reverse=True)
            places += [
                (f"{pointer}/{json_pointer.escaped(n)}", expected.get(n, ABSENT), found.get(n, ABSENT))
                for n in names
            ]
        elif isinstance(expected, list) and isinstance(found, list):
            longer = max(len(expected), len(found))
            places += [(f"{pointer}/{n}", at(expected, n), at(found, n)) for n in reversed(range(longer))]
        elif (theirs := json_text(expected)) != (ours := json_text(found)):
            yield RequestDifference(f"body {pointer}" if pointer else "body", shown(theirs), shown(ours))


def json_text(value: Any) -> str:
    """The canonical JSON of a value, or that there is none."""
    return "nothing" if value is ABSENT else encode(value).decode()


def at(items: list[Any], index: int) -> Any:
    """The item, or that there is none."""
    return items[index] if index < len(items) else ABSENT


def shown_values(found: Iterable[tuple[str, ...]] | None) -> str:
    """The values of a name; that of a part of a multipart body begins with what its headers say."""
    if found is None:
        return "nothing"
    return shown(", ".join("; ".join(map(readable, filter(None, value))) for value in found))


def shown(value: str) -> str:
    """A value, cut where it is too long to read."""
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}... ({len(value)} characters)"
