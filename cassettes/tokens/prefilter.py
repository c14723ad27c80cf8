"""Tells at a glance which requests can carry a token: only these are worth to be parsed.

It may say yes of one that carries none, never no of one that does.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cassettes.tokens import places
from cassettes.tokens.discovery import can_be_token
from foundation.http.headers import Headers, media_type
from foundation.http.urls import URLS_KEPT

PARSED_TYPES = frozenset({"application/x-www-form-urlencoded", "text/event-stream"})
"""Bodies that are read in another way than as JSON."""

BACKSLASH = 0x5C
NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
# Each begins with a literal byte where that can be: others take several times as long.
LONG_NUMBER = re.compile(rb"[0-9]{6}")
STRING = re.compile(rb'"(?![:,\]}])[!#-\xff]{6,}+"(?!\s*:)')
LONG_STRING = re.compile(rb'"(?![:,\]}])[!#-\xff]{16,}+"(?!\s*:)')
STRING_WITH_DIGIT = re.compile(rb'"(?![:,\]}])(?=[!#-\xff]*[0-9])[!#-\xff]{6,}+"(?!\s*:)')


def can_carry(url: str, headers: Headers, body: bytes) -> bool:
    """Whether a request with these can carry a token."""
    found, parsed = _headers(headers)
    return found or _url(url) or (bool(body) and (parsed or _json(body)))


def _json(body: bytes) -> bool:
    """Whether a JSON text has a long number, or a string without spaces that is no key and can be a token.

    An escape can spell anything.
    """
    if BACKSLASH in body:
        return True
    if len(body.translate(None, NO_DIGITS)) >= 6 and LONG_NUMBER.search(body):
        return True
    return bool(STRING.search(body) and (LONG_STRING.search(body) or STRING_WITH_DIGIT.search(body)))


@lru_cache(maxsize=URLS_KEPT)
def _url(url: str) -> bool:
    return any(can_be_token(place) for place in places.of_url(url))


@lru_cache(maxsize=256)
def _headers(headers: Headers) -> tuple[bool, bool]:
    """Whether headers carry a token, and whether they say that the body is read in another way than as JSON."""
    carried = (*places.cookies(headers), *places.of_headers(headers))
    found = any(can_be_token(place) for place in carried)
    return found, media_type(headers) in PARSED_TYPES
