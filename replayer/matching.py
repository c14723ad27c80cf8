"""Whether a request is one that was recorded: a match is the absence of differences.

Compared are method, path, query (its pairs in any order) and body: by value when both are JSON, else by
bytes. A JSON number equals another of the same value (1 and 1.0, but not true); of equal keys the last
one counts.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from cassettes.model import Request

MOST_DIFFERENCES = 20
"""Of a body, so that a report stays readable."""

LONGEST_VALUE = 200
"""Characters of a value that a difference shows."""

URLS_KEPT = 64
"""Parsed urls at hand: recordings repeat a few of them. Each can be as long as a head."""

ORIGIN = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*://[^/?#]*")


class Difference(msgspec.Struct, frozen=True):
    """One thing in which a request is not the recorded one.

    `what` is "method", "path", "query NAME", "body /json/pointer" or "body"; `expected` is what was recorded.
    """

    what: str
    expected: str
    found: str


class Absent:
    """Stands for a value that is not there."""


ABSENT = Absent()


def differences(request: Request, recorded: Request) -> list[Difference]:
    """In what `request` differs from a recorded one; nothing when it is the same."""
    path, query = path_and_query(request.url)
    recorded_path, recorded_query = path_and_query(recorded.url)
    found = [
        Difference(what, shown(theirs), shown(ours))
        for what, theirs, ours in (
            ("method", recorded.method, request.method),
            ("path", recorded_path, path),
        )
        if theirs != ours
    ]
    found += query_differences(pairs(query), pairs(recorded_query))
    return [*found, *islice(body_differences(request.body, recorded.body), MOST_DIFFERENCES)]


def fingerprint(method: str, url: str, body: bytes) -> bytes:
    """16 bytes that are the same for two requests when, and only when, there are no differences."""
    canonical = canonical_json(body)
    tail = b"bytes" + body if canonical is None else b"json" + canonical
    return hashlib.blake2b(canonical_head(method, url) + tail, digest_size=16).digest()


@lru_cache(maxsize=URLS_KEPT)
def canonical_head(method: str, url: str) -> bytes:
    """The one form of all request lines that are the same; it tells where it ends."""
    path, query = path_and_query(url)
    return _encode((method, path, sorted(pairs(query))))


@lru_cache(maxsize=URLS_KEPT)
def path_and_query(url: str) -> tuple[str, str]:
    """The path and the query of a url, absolute or not, as they are written."""
    origin = ORIGIN.match(url)
    path, _, query = (url[origin.end() :] if origin else url).partition("?")
    return path or "/", query


def pairs(query: str) -> list[tuple[str, str]]:
    """The pairs of a query; Latin-1 keeps any bytes apart, UTF-8 or not."""
    return parse_qsl(query, keep_blank_values=True, encoding="latin-1")


def query_differences(query: list[tuple[str, str]], recorded: list[tuple[str, str]]) -> Iterator[Difference]:
    """For each name whose values are not the same, in any order."""
    ours, theirs = by_name(query), by_name(recorded)
    for name in sorted(ours.keys() | theirs.keys()):
        expected, found = theirs.get(name, ABSENT), ours.get(name, ABSENT)
        if expected != found:
            yield Difference(f"query {readable(name)}", shown_values(expected), shown_values(found))


def by_name(query: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The sorted values of each name."""
    values: dict[str, list[str]] = defaultdict(list)
    for name, value in sorted(query):
        values[name].append(value)
    return dict(values)


def body_differences(body: bytes, recorded: bytes) -> Iterator[Difference]:
    """By JSON value when both are JSON, else by bytes."""
    if body == recorded:
        return
    if canonical_json(body) is None or canonical_json(recorded) is None:
        yield Difference("body", shown(readable(recorded)), shown(readable(body)))
    else:
        yield from json_differences(_decode(body), _decode(recorded))


def json_differences(found: Any, expected: Any) -> Iterator[Difference]:
    """Each place, as a JSON pointer (RFC 6901), in which two JSON values differ."""
    places = [("", expected, found)]  # a stack, because bodies can be nested deeper than Python's calls
    while places:
        pointer, expected, found = places.pop()
        if isinstance(expected, dict) and isinstance(found, dict):
            names = sorted(expected.keys() | found.keys(), reverse=True)
            places += [
                (f"{pointer}/{escaped(n)}", expected.get(n, ABSENT), found.get(n, ABSENT)) for n in names
            ]
        elif isinstance(expected, list) and isinstance(found, list):
            longer = max(len(expected), len(found))
            places += [(f"{pointer}/{n}", at(expected, n), at(found, n)) for n in reversed(range(longer))]
        elif (theirs := json_text(expected)) != (ours := json_text(found)):
            yield Difference(f"body {pointer}" if pointer else "body", shown(theirs), shown(ours))


def json_text(value: Any) -> str:
    """The canonical JSON of a value, or that there is none."""
    return "nothing" if value is ABSENT else _encode(value).decode()


def at(items: list[Any], index: int) -> Any:
    """The item, or that there is none."""
    return items[index] if index < len(items) else ABSENT


def escaped(name: str) -> str:
    """A name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def canonical_json(body: bytes) -> bytes | None:
    """The one form of all JSON texts of the same value; None when the body is not JSON."""
    if not body:
        return None
    try:
        return _encode(_decode(body))
    except (msgspec.MsgspecError, ValueError, RecursionError):  # ValueError: UTF-8, or an endless number
        return None


def number(text: str) -> int | float:
    """A number with a fraction or an exponent, as an integer when it is one."""
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text} is too large")
    return int(value) if value.is_integer() else value


_decode = msgspec.json.Decoder(float_hook=number).decode
_encode = msgspec.json.Encoder(order="sorted").encode


def shown_values(values: list[str] | Absent) -> str:
    """The values of a query's name."""
    return "nothing" if isinstance(values, Absent) else shown(", ".join(map(readable, values)))


def readable(text: str | bytes) -> str:
    """Bytes, also such that hide in Latin-1 text, as UTF-8 where they are."""
    data = text if isinstance(text, bytes) else text.encode("latin-1", "backslashreplace")
    return data.decode("utf-8", "backslashreplace")


def shown(value: str) -> str:
    """A value, cut where it is too long to read."""
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}... ({len(value)} characters)"
