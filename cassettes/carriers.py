"""Tells at a glance which requests can carry a token: only these are worth to be parsed.

It may say yes of one that carries none, never no of one that does.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cassettes import model, places
from cassettes.tokens import is_token_like

PARSED_TYPES = frozenset({"application/x-www-form-urlencoded", "text/event-stream"})
"""Bodies that are read in another way than as JSON."""

HINT = re.compile(
    rb"""
    [0-9]{6}                                # a long number, or
    | \\                                    # an escape, which can spell anything, or
    | " (?= [^"\x00-\x20]* [0-9] | [^"\x00-\x20]{16} ) [^"\x00-\x20]{6,} " (?! \s* : )  # a string, no key
    """,
    re.VERBOSE,
)
"""What a JSON text has that has a token in it."""


def can_carry(url: str, headers: model.Headers, body: bytes) -> bool:
    """Whether a request with these can carry a token."""
    found, parsed = _headers(headers)
    return found or _url(url) or (bool(body) and (parsed or HINT.search(body) is not None))


@lru_cache(maxsize=places.URLS_KEPT)
def _url(url: str) -> bool:
    return any(is_token_like(place.value) for place in places.of_url(url))


@lru_cache(maxsize=256)
def _headers(headers: model.Headers) -> tuple[bool, bool]:
    """Whether headers carry a token, and whether they say that the body is read in another way than as JSON."""
    carried = (*places.cookies(headers), *places.of_headers(headers))
    found = any(is_token_like(place.value) for place in carried)
    return found, model.media_type(headers) in PARSED_TYPES
