"""Finds the differences between two requests, part by part, as texts for a report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from cassettes.model import Request
from foundation import exact_json, json_pointer
from foundation.absent import ABSENT
from foundation.http.headers import first
from replayer.matching.comparable_body import Body, readable

MOST_DIFFERENCES = 20
"""Differences of a body that are listed, so that a report stays readable."""

LONGEST_VALUE = 200
"""Characters of a value that a difference shows."""


class RequestDifference(msgspec.Struct, frozen=True):
    """One difference between a request and a recorded one.

    `what` is "method", "path", "query NAME", "header NAME", "body /json/pointer", "body NAME" (a field of a
    form) or "body". `expected` is the recorded value, `found` that of the request.
    """

    what: str
    expected: str
    found: str


def named_differences(
    kind: str, found: Iterable[tuple[str, ...]], expected: Iterable[tuple[str, ...]]
) -> Iterator[RequestDifference]:
    """Yield a difference for each name whose values differ; the order of the names does not matter."""
    in_request, recorded = values_by_name(found), values_by_name(expected)
    for name in sorted(in_request.keys() | recorded.keys()):
        if in_request.get(name) != recorded.get(name):
            yield RequestDifference(
                f"{kind} {readable(name)}",
                shown_values(recorded.get(name)),
                shown_values(in_request.get(name)),
            )


def values_by_name(found: Iterable[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    """Return the values of each name in their order; a value is what follows the name in its tuple."""
    named: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for name, *value in found:
        named[name].append(tuple(value))
    return dict(named)


def value_differences(what: str, found: str | None, expected: str | None) -> Iterator[RequestDifference]:
    """Yield a difference when two values are not the same; None stands for no value."""
    if found != expected:
        yield RequestDifference(
            what, *(shown_values(None if one is None else [(one,)]) for one in (expected, found))
        )


def body_differences(
    found: Body, expected: Body, request: Request, recorded: Request
) -> Iterator[RequestDifference]:
    """Yield the differences of two bodies: by JSON pointer, by field or part, or of the bodies as a whole."""
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
    """Yield the differences of two JSON values, each with its JSON pointer (RFC 6901).

    found {"a": [1, 2]}, expected {"a": [1], "b": 3}    body /a/1: expected nothing, found 2
                                                        body /b: expected 3, found nothing
    """
    places = [("", expected, found)]  # a stack, because bodies can be nested deeper than Python's calls
    while places:
        pointer, expected, found = places.pop()
        if isinstance(expected, dict) and isinstance(found, dict):
            names = sorted(expected.keys() | found.keys(), reverse=True)
            places += [
                (
                    f"{pointer}/{json_pointer.escaped(printable_key(n))}",
                    expected.get(n, ABSENT),
                    found.get(n, ABSENT),
                )
                for n in names
            ]
        elif isinstance(expected, list) and isinstance(found, list):
            longer = max(len(expected), len(found))
            places += [(f"{pointer}/{n}", at(expected, n), at(found, n)) for n in reversed(range(longer))]
        elif (recorded := json_text(expected)) != (in_request := json_text(found)):
            yield RequestDifference(
                f"body {pointer}" if pointer else "body", shown(recorded), shown(in_request)
            )


def json_text(value: Any) -> str:
    """Return the canonical JSON of a value, "nothing" for ABSENT."""
    return "nothing" if value is ABSENT else exact_json.encode(value).decode()


def printable_key(key: str) -> str:
    """Return a key of a JSON object with half a surrogate pair, which UTF-8 cannot write, as its escape."""
    return key.encode("utf-8", "backslashreplace").decode()


def at(items: list[Any], index: int) -> Any:
    """Return the item at an index, ABSENT when there is none."""
    return items[index] if index < len(items) else ABSENT


def shown_values(found: Iterable[tuple[str, ...]] | None) -> str:
    """Return the values of a name as text; that of a multipart part begins with its filename and content type."""
    if found is None:
        return "nothing"
    return shown(", ".join("; ".join(map(readable, filter(None, value))) for value in found))


def shown(value: str) -> str:
    """Return a value, cut after `LONGEST_VALUE` characters."""
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}... ({len(value)} characters)"
