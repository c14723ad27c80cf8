"""Whether a request is one that was recorded: a match is the absence of differences.

Compared are method, path, query (its pairs in any order) and body (see `bodies`): a JSON number equals another
of the same value (1 and 1.0, but not true); of equal keys the last one counts. Headers only when asked.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec

from cassettes.errors import UsageError
from cassettes.model import Headers, Request, first, values
from cassettes.redaction.names import SECRET_HEADERS
from replayer.bodies import SECRET, Body, Pointer, encode, pairs, read, readable, without_secret

PARTS = ("method", "path", "query", "body")
"""What is compared unless it is said otherwise."""

MOST_DIFFERENCES = 20
"""Of a body, so that a report stays readable."""

LONGEST_VALUE = 200
"""Characters of a value that a difference shows."""

URLS_KEPT = 64
"""Parsed urls at hand: recordings repeat a few of them. Each can be as long as a head."""

ORIGIN = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*://[^/?#]*")
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Difference(msgspec.Struct, frozen=True):
    """One thing in which a request is not the recorded one.

    `what` is "method", "path", "query NAME", "header NAME", "body /json/pointer", "body NAME" (a field of a
    form) or "body"; `expected` is what was recorded.
    """

    what: str
    expected: str
    found: str


class Absent:
    """Stands for a value that is not there."""


ABSENT = Absent()


class Match(msgspec.Struct, frozen=True):
    """What is compared: `parts` of PARTS, `headers` (in lower case), but for what is ignored.

    `pointers` lead into the body, `names` are those of the query.
    """

    parts: frozenset[str] = frozenset(PARTS)
    headers: tuple[str, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    names: frozenset[str] = frozenset()

    def differences(self, request: Request, recorded: Request) -> list[Difference]:
        """In what `request` differs from a recorded one; nothing when it is the same."""
        found = [
            Difference(what, shown(theirs), shown(ours))
            for what, theirs, ours in (
                ("method", recorded.method, request.method),
                ("path", path_and_query(recorded.url)[0], path_and_query(request.url)[0]),
            )
            if what in self.parts and theirs != ours
        ]
        if "query" in self.parts:
            found += named_differences("query", self._pairs(request.url), self._pairs(recorded.url))
        for name in self.headers:
            found += value_differences(
                f"header {name}", header(request.headers, name), header(recorded.headers, name)
            )
        return [*found, *islice(self._of_bodies(request, recorded), MOST_DIFFERENCES)]

    def fingerprint(self, method: str, url: str, headers: Headers, body: bytes) -> bytes:
        """16 bytes that are the same for two requests when, and only when, there are no differences."""
        digest = hashlib.blake2b(canonical_head(self, method, url), digest_size=16)
        if self.headers:
            digest.update(encode([header(headers, name) for name in self.headers]))
        if "body" in self.parts:
            digest.update(read(body, headers, self.pointers).canonical)
        return digest.digest()

    def _pairs(self, url: str) -> list[tuple[str, str]]:
        query = path_and_query(url)[1]
        return [without_secret(pair) for pair in pairs(query) if readable(pair[0]) not in self.names]

    def _of_bodies(self, request: Request, recorded: Request) -> Iterator[Difference]:
        if "body" in self.parts:
            yield from body_differences(self._body(request), self._body(recorded), request, recorded)

    def _body(self, request: Request) -> Body:
        return read(request.body, request.headers, self.pointers)


EVERYTHING = Match()


def parse_match(words: Iterable[str], ignored: Iterable[str] = ()) -> Match:
    """What `--match` and `--ignore` ask for; raises UsageError.

    Parts name all that is compared; with a sign they change that: "+header:Accept" adds, "-query" takes away.
    """
    found = [word.strip() for text in words for word in text.split(",")]
    plain = [part(word) for word in found if not word.startswith(("+", "-"))]
    chosen = dict.fromkeys(plain or PARTS)
    for word in found:
        if word.startswith("+"):
            chosen[part(word[1:])] = None
        elif word.startswith("-"):
            chosen.pop(part(word[1:]), None)
    marks = list(ignored)
    return Match(
        parts=frozenset(chosen) & frozenset(PARTS),
        headers=tuple(sorted(name.removeprefix("header:") for name in chosen if name not in PARTS)),
        pointers=tuple(pointer(mark) for mark in marks if not mark.startswith("query:")),
        names=frozenset(mark.removeprefix("query:") for mark in marks if mark.startswith("query:")),
    )


def part(word: str) -> str:
    """A part as it is spelled here; raises UsageError, which names the nearest."""
    kind, _, name = word.partition(":")
    if word.lower() in PARTS:
        return word.lower()
    if kind.lower() == "header" and HEADER_NAME.fullmatch(name):
        return f"header:{name.lower()}"
    near = difflib.get_close_matches(kind.lower(), [*PARTS, "header"], n=1)
    meant = ["header:NAME"] if near == ["header"] else near
    hint = f"did you mean {meant[0]}?" if meant else f"write {', '.join(PARTS)} or header:NAME"
    raise UsageError(f"--match {word}: there is no such part to compare; {hint}")


def pointer(text: str) -> Pointer:
    """The steps of a JSON pointer (RFC 6901); raises UsageError."""
    if not text.startswith("/"):
        hint = f"write /{text}, or query:{text}" if text else "--match -body leaves out the whole body"
        raise UsageError(f"--ignore {text}: this is no JSON pointer; {hint}")
    if re.search(r"~(?![01])", text):
        raise UsageError(f"--ignore {text}: write ~ as ~0 in a JSON pointer, and / inside a name as ~1")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))


@lru_cache(maxsize=URLS_KEPT)
def canonical_head(match: Match, method: str, url: str) -> bytes:
    """The one form of all request lines that are the same; it tells where it ends."""
    compared: list[Any] = []
    if "method" in match.parts:
        compared.append(method)
    if "path" in match.parts:
        compared.append(path_and_query(url)[0])
    if "query" in match.parts:
        compared.append(sorted(match._pairs(url)))  # noqa: SLF001 - a part of it, here for its cache
    return encode(compared)


@lru_cache(maxsize=URLS_KEPT)
def path_and_query(url: str) -> tuple[str, str]:
    """The path and the query of a url, absolute or not, as they are written."""
    origin = ORIGIN.match(url)
    path, _, query = (url[origin.end() :] if origin else url).partition("?")
    return path or "/", query


def header(headers: Headers, name: str) -> str | None:
    """A header's value, of several the list of them (RFC 9110, 5.3); None when there is none.

    One that holds a credential is there or not.
    """
    found = values(headers, name)
    if found and name in SECRET_HEADERS:
        return SECRET
    return ", ".join(found) if found else None


def named_differences(
    kind: str, found: Iterable[tuple[str, ...]], expected: Iterable[tuple[str, ...]]
) -> Iterator[Difference]:
    """For each name whose values are not the same, in any order."""
    ours, theirs = by_name(found), by_name(expected)
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            yield Difference(
                f"{kind} {readable(name)}", shown_values(theirs.get(name)), shown_values(ours.get(name))
            )


def by_name(found: Iterable[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    """The sorted values of each name; what follows a name is its value."""
    named: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for name, *value in sorted(found):
        named[name].append(tuple(value))
    return dict(named)


def value_differences(what: str, found: str | None, expected: str | None) -> Iterator[Difference]:
    """When a value, or that there is none, is not the same."""
    if found != expected:
        yield Difference(
            what, *(shown_values(None if one is None else [(one,)]) for one in (expected, found))
        )


def body_differences(
    found: Body, expected: Body, request: Request, recorded: Request
) -> Iterator[Difference]:
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
        yield Difference("body", *(shown(readable(one.body)) for one in (recorded, request)))


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
    return "nothing" if value is ABSENT else encode(value).decode()


def at(items: list[Any], index: int) -> Any:
    """The item, or that there is none."""
    return items[index] if index < len(items) else ABSENT


def escaped(name: str) -> str:
    """A name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def shown_values(found: Iterable[tuple[str, ...]] | None) -> str:
    """The values of a name; that of a part of a multipart body begins with what its headers say."""
    if found is None:
        return "nothing"
    return shown(", ".join("; ".join(map(readable, filter(None, value))) for value in found))


def shown(value: str) -> str:
    """A value, cut where it is too long to read."""
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}... ({len(value)} characters)"
