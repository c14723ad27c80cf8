"""Finds in what two requests differ where that is nothing but values that are fresh by nature.

A value is fresh in either of two ways:

- by what it is for: the `id` of a JSON-RPC request, a `progressToken`, what is named as a request's id, a nonce or a
  time (`request_id`, `session_hash`, `traceparent`, `timestamp`), and a time or UUID inside a text. Its client makes it
  up anew, and it says nothing;
- by what it looks like: two UUIDs, two timestamps, or two random ids of the same length in any place. It may say which
  of several things is meant, so it is compared where recorded requests differ in nothing else.

A token that the recorded server issued is never fresh: it is its client's own, or somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from cassettes.model import Request
from cassettes.values import fresh_ids, volatile_shapes
from foundation import json_pointer
from replayer.matching.comparable_body import readable
from replayer.matching.differences import RequestDifference, at, printable_key, shown, values_by_name
from replayer.matching.matcher import Match, comparable_path, header

LONGEST = 128
"""Characters of a value that can be an id by its looks; a longer one is content."""

MADE_UP_NAME = re.compile(
    r"(.*_)?(request|correlation|trace|span|idempotency|invocation|message|transaction|event)_(id|key)"
    r"|(.*_)?(nonce|session_hash|traceparent|tracestate|progress_token|boundary)"
)
"""Names of values that a client makes up for each request, in lower case and with underscores between words."""

EMBEDDED = re.compile(
    rf"(?<![\w.])(?:{volatile_shapes.TIMESTAMP}|{volatile_shapes.HTTP_DATE}|{volatile_shapes.UUID})(?!\w)"
)


class Unlike(Exception):
    """Two requests differ in more than fresh values."""


class FreshValue(NamedTuple):
    """A fresh value in both requests.

    `what` is as in RequestDifference, `name` that of its field. `says_nothing` says that it is fresh by what it is for.
    """

    what: str
    name: str
    expected: Any
    found: Any
    says_nothing: bool

    @property
    def difference(self) -> RequestDifference:
        """Return it as a difference, for a report."""
        texts = (value if isinstance(value, str) else str(value) for value in (self.expected, self.found))
        return RequestDifference(self.what, *map(shown, texts))


def fresh_values(
    match: Match, request: Request, recorded: Request, tokens: Container[str]
) -> tuple[FreshValue, ...] | None:
    """Return in what a request differs from a recorded one when that is only fresh values; None when it is more.

    `tokens` are those that the recorded server issued.
    """
    try:
        found = tuple(FreshValuePairs(match, request, recorded))
    except Unlike:
        return None
    return None if any(str(one.expected) in tokens for one in found) else found


class FreshValuePairs:
    """Yields the fresh values in which two requests differ; raises Unlike as soon as they differ in something else."""

    def __init__(self, match: Match, request: Request, recorded: Request) -> None:
        self._match, self._request, self._recorded = match, request, recorded

    def __iter__(self) -> Iterator[FreshValue]:
        match, request, recorded = self._match, self._request, self._recorded
        if "method" in match.parts and request.method != recorded.method:
            raise Unlike
        if "path" in match.parts:
            yield from of_paths(comparable_path(request.url), comparable_path(recorded.url))
        if "query" in match.parts:
            yield from of_names("query", match.query_pairs(request.url), match.query_pairs(recorded.url))
        for name in match.headers:
            values = header(recorded.headers, name), header(request.headers, name)
            yield from of_values(f"header {name}", name, *values)
        if "body" in match.parts:
            yield from self._of_bodies()

    def _of_bodies(self) -> Iterator[FreshValue]:
        found, expected = self._match.body(self._request), self._match.body(self._recorded)
        if found.canonical == expected.canonical:
            return
        if found.kind != expected.kind or found.kind == "bytes":
            raise Unlike
        if found.kind == "json":
            yield from of_json(found.value, expected.value)
        else:
            yield from of_names("body", found.value, expected.value)


def of_paths(found: str, expected: str) -> Iterator[FreshValue]:
    """Yield the fresh segments of two paths."""
    segments, recorded = found.split("/"), expected.split("/")
    if len(segments) != len(recorded):
        raise Unlike
    for one, other in zip(recorded, segments, strict=True):
        yield from of_values("path", "", one, other)


def of_names(
    kind: str, found: Sequence[tuple[str, ...]], expected: Sequence[tuple[str, ...]]
) -> Iterator[FreshValue]:
    """Yield the fresh values of a query, a form or a multipart body."""
    in_request, recorded = values_by_name(found), values_by_name(expected)
    if in_request.keys() != recorded.keys():
        raise Unlike
    for name, values in recorded.items():
        if len(values) != len(in_request[name]):
            raise Unlike
        for one, other in zip(values, in_request[name], strict=True):
            if one[:-1] != other[:-1]:
                raise Unlike
            yield from of_values(f"{kind} {readable(name)}", name, one[-1], other[-1])


def of_json(found: Any, expected: Any) -> Iterator[FreshValue]:
    """Yield the fresh values of two JSON bodies, each with its pointer."""
    rpc = is_rpc(expected) and is_rpc(found)
    places = [("", "", expected, found)]
    while places:
        pointer, name, expected, found = places.pop()
        if isinstance(expected, dict) and isinstance(found, dict):
            if expected.keys() != found.keys():
                raise Unlike
            places += [
                (f"{pointer}/{json_pointer.escaped(printable_key(key))}", key, expected[key], found[key])
                for key in expected
            ]
        elif isinstance(expected, list) and isinstance(found, list):
            longer = max(len(expected), len(found))
            places += [(f"{pointer}/{n}", name, at(expected, n), at(found, n)) for n in range(longer)]
        elif rpc and pointer == "/id" and is_rpc_id(expected) and is_rpc_id(found) and expected != found:
            yield FreshValue("body /id", "id", expected, found, says_nothing=True)
        else:
            yield from of_values(f"body {pointer}", name, expected, found)


def is_rpc(body: Any) -> bool:
    """Return whether a body is a message of JSON-RPC 2.0."""
    return isinstance(body, dict) and body.get("jsonrpc") == "2.0"


def is_rpc_id(value: Any) -> bool:
    """Return whether a value can be the id of a JSON-RPC request: a text or a number."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def of_values(what: str, name: str, expected: Any, found: Any) -> Iterator[FreshValue]:
    """Yield the pair of two values that differ if both are fresh; raises Unlike if they are not."""
    if type(expected) is type(found) and expected == found:
        return
    if is_made_up(name, expected, found):
        yield FreshValue(what, name, expected, found, says_nothing=True)
    elif look_alike(name, expected, found):
        yield FreshValue(what, name, expected, found, says_nothing=False)
    else:
        raise Unlike


def is_made_up(name: str, expected: Any, found: Any) -> bool:
    """Return whether two values are fresh by what they are for."""
    words = "_".join(word.lower() for word in fresh_ids.NAME_PARTS.findall(name))
    if MADE_UP_NAME.fullmatch(words):
        return is_rpc_id(expected) and is_rpc_id(found)
    if isinstance(expected, str) and isinstance(found, str):
        if volatile_shapes.is_time_name(name) and has_same_shape(name, expected, found):
            return True
        return differ_inside(expected, found)
    if isinstance(expected, int | float | Decimal) and isinstance(found, int | float | Decimal):
        shapes = {volatile_shapes.of_number(float(value), name) for value in (expected, found)}
        return len(shapes) == 1 and str(next(iter(shapes))).startswith("epoch")
    return False


def look_alike(name: str, expected: Any, found: Any) -> bool:
    """Return whether two values are of the same kind of ids or times by their looks."""
    if not (isinstance(expected, str) and isinstance(found, str)):
        return False
    if max(len(expected), len(found)) <= LONGEST and fresh_ids.kind_of_ids(expected, found, name, ()):
        return True
    return has_same_shape(name, expected, found)


def has_same_shape(name: str, expected: str, found: str) -> bool:
    """Return whether two texts are times, UUIDs or the like of the same shape."""
    shape = volatile_shapes.of_text(expected, name)
    return (
        shape is not None
        and not shape.startswith((volatile_shapes.ID, "duration", "jwt"))
        and shape == volatile_shapes.of_text(found, name)
    )


def differ_inside(expected: str, found: str) -> bool:
    """Return whether two texts of several words differ in nothing but times and UUIDs."""
    blank, other = (EMBEDDED.sub(shape_of, text) for text in (expected, found))
    return blank == other and " " in EMBEDDED.sub("", expected).strip()


def shape_of(found: re.Match[str]) -> str:
    """Return what stands for a time or a UUID inside a text."""
    return f"<{volatile_shapes.of_text(found[0])}>"
