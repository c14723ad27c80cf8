"""Whether a request is one that was recorded: a match is the absence of differences.

Compared are method, path, query (its pairs in any order) and body (see `bodies`): a JSON number equals another
of the same value (1 and 1.0, but not true); of equal keys the last one counts. Headers only when asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec

from cassettes.model import Request
from cassettes.redaction.secret_names import SECRET_HEADERS
from foundation.http.headers import Headers, values
from foundation.http.urls import URLS_KEPT, path_and_query
from replayer.matching.comparable_body import (
    SECRET,
    Body,
    Pointer,
    encode,
    pairs,
    read,
    readable,
    without_secret,
)
from replayer.matching.differences import (
    MOST_DIFFERENCES,
    RequestDifference,
    body_differences,
    named_differences,
    shown,
    value_differences,
)

PARTS = ("method", "path", "query", "body")
"""What is compared unless it is said otherwise."""


class Match(msgspec.Struct, frozen=True):
    """What is compared: `parts` of PARTS, `headers` (in lower case), but for what is ignored.

    `pointers` lead into the body, `names` are those of the query.
    """

    parts: frozenset[str] = frozenset(PARTS)
    headers: tuple[str, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    names: frozenset[str] = frozenset()

    def differences(self, request: Request, recorded: Request) -> list[RequestDifference]:
        """In what `request` differs from a recorded one; nothing when it is the same."""
        found = [
            RequestDifference(what, shown(theirs), shown(ours))
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

    def _of_bodies(self, request: Request, recorded: Request) -> Iterator[RequestDifference]:
        if "body" in self.parts:
            yield from body_differences(self._body(request), self._body(recorded), request, recorded)

    def _body(self, request: Request) -> Body:
        return read(request.body, request.headers, self.pointers)


EVERYTHING = Match()


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


def header(headers: Headers, name: str) -> str | None:
    """A header's value, of several the list of them (RFC 9110, 5.3); None when there is none.

    One that holds a credential is there or not.
    """
    found = values(headers, name)
    if found and name in SECRET_HEADERS:
        return SECRET
    return ", ".join(found) if found else None
