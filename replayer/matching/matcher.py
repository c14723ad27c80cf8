"""Decides whether a request matches a recorded one: it does when there are no differences.

By default, the method, the path, the query and the body are compared, but no headers. The pairs of a query may be in
any order, but those of one name keep theirs. Percent-encodings are equal as RFC 3986, 6.2.2, has it: `%c3` is `%C3`,
`%7E` is `~`, and `%2F` is not `/`. Bodies are compared as `comparable_body` reads them: JSON numbers by their value (1
equals 1.0, but not true), and of equal keys the last one counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec

from cassettes.model import Request
from cassettes.redaction.secret_headers import holds_secret
from cassettes.redaction.secret_masks import SECRET, masked
from foundation import exact_json
from foundation.digests import Digest, digest_of
from foundation.http.headers import Headers, values
from foundation.http.urls import URLS_KEPT, normalized, path_and_query
from replayer.matching.comparable_body import (
    Body,
    Pointer,
    by_name,
    pairs,
    read,
    readable,
)
from replayer.matching.differences import (
    MOST_DIFFERENCES,
    RequestDifference,
    body_differences,
    named_differences,
    shown,
    value_differences,
)
from replayer.matching.outline import outline, outline_of_path

PARTS = ("method", "path", "query", "body")
"""The parts of a request that are compared by default."""


class Match(msgspec.Struct, frozen=True):
    """What is compared: `parts`, which are some of PARTS, and `headers`, whose names are in lower case.

    `pointers` refer to what is ignored in the body, `names` are parameters that are ignored in the query. `fresh` says
    whether values that are fresh by nature are equal where no request matches exactly (see `fresh_values`).
    """

    parts: frozenset[str] = frozenset(PARTS)
    headers: tuple[str, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    names: frozenset[str] = frozenset()
    fresh: bool = True

    def differences(self, request: Request, recorded: Request) -> list[RequestDifference]:
        """Return the differences between a request and a recorded one; empty when they match."""
        found = [
            RequestDifference(what, shown(expected), shown(actual))
            for what, expected, actual in (
                ("method", recorded.method, request.method),
                ("path", comparable_path(recorded.url), comparable_path(request.url)),
            )
            if what in self.parts and expected != actual
        ]
        if "query" in self.parts:
            found += named_differences("query", self.query_pairs(request.url), self.query_pairs(recorded.url))
        for name in self.headers:
            found += value_differences(
                f"header {name}", header(request.headers, name), header(recorded.headers, name)
            )
        return [*found, *islice(self._of_bodies(request, recorded), MOST_DIFFERENCES)]

    def fingerprint(self, method: str, url: str, headers: Headers, body: bytes) -> bytes:
        """Return 16 bytes that are equal for two requests if, and only if, there are no differences between them."""
        return self.fingerprint_of(method, url, headers, self.content(headers, body))

    def fingerprint_of(self, method: str, url: str, headers: Headers, content: bytes) -> bytes:
        """Return the fingerprint of a request, given what is compared of its body."""
        digest = hashlib.blake2b(canonical_head(self, method, url), digest_size=16)
        if self.headers:
            digest.update(exact_json.encode([header(headers, name) for name in self.headers]))
        digest.update(content)
        return digest.digest()

    def content(self, headers: Headers, body: bytes) -> bytes:
        """Return what is compared of a body, as bytes that are equal for equal bodies."""
        return read(body, headers, self.pointers).canonical if "body" in self.parts else b""

    def outline(self, method: str, url: str, content: bytes) -> Digest:
        """Return a digest that requests share which differ in nothing but values that may be fresh.

        `content` is what is compared of the body.
        """
        return digest_of(outline_of_head(self, method, url) + outline(content))

    def query_pairs(self, url: str) -> list[tuple[str, str]]:
        """Return the pairs of a url's query that are compared, with a mask for secrets."""
        query = normalized(path_and_query(masked_url(url))[1])
        return [pair for pair in pairs(query) if readable(pair[0]) not in self.names]

    def body(self, request: Request) -> Body:
        """Return the body of a request as it is compared."""
        return read(request.body, request.headers, self.pointers)

    def _of_bodies(self, request: Request, recorded: Request) -> Iterator[RequestDifference]:
        if "body" in self.parts:
            yield from body_differences(self.body(request), self.body(recorded), request, recorded)


EVERYTHING = Match()


@lru_cache(maxsize=URLS_KEPT)
def canonical_head(match: Match, method: str, url: str) -> bytes:
    """Return bytes that are equal for all request lines that match; none is a prefix of another."""
    compared: list[Any] = []
    if "method" in match.parts:
        compared.append(method)
    if "path" in match.parts:
        compared.append(comparable_path(url))
    if "query" in match.parts:
        compared.append(by_name(match.query_pairs(url)))
    return exact_json.encode(compared)


@lru_cache(maxsize=URLS_KEPT)
def outline_of_head(match: Match, method: str, url: str) -> bytes:
    """Return what request lines share that match but for values that may be fresh."""
    path = outline_of_path(comparable_path(url).encode("utf-8", "surrogatepass"))
    query = outline(exact_json.encode(by_name(match.query_pairs(url))))
    parts = {"method": method.encode(), "path": path, "query": query}
    return b"".join(b"%s\0" % value for name, value in parts.items() if name in match.parts)


def comparable_path(url: str) -> str:
    """Return the path of a url, in the one spelling that stands for all equal ones, with a mask for secrets."""
    return normalized(path_and_query(masked_url(url))[0])


def masked_url(url: str) -> str:
    """Return a url with a mask for each secret."""
    return masked(url.encode("utf-8", "surrogateescape"), "url").decode("utf-8", "surrogateescape")


def header(headers: Headers, name: str) -> str | None:
    """Return the value of a header, the list of its values if it is repeated (RFC 9110, 5.3), None without one.

    The value of a header that holds a credential is a placeholder: only its presence is compared.
    """
    found = values(headers, name)
    if found and holds_secret(name):
        return SECRET
    return ", ".join(found) if found else None
