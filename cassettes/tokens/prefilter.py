r"""Finds the requests that cannot carry a token, without parsing their bodies.

It may keep a request that carries none, but it never drops one that does. The body of a request is read as JSON
unless its type says otherwise, and then a few byte patterns are enough:

    {"query": "What is new?", "n": 5}        dropped: no string without spaces, no number of six digits
    {"conversation_id": "c-1f0e93"}          kept: a string without spaces with a digit in it
    {"query": "caf\u00e9"}                    kept: an escape can spell anything
"""

from __future__ import annotations

import re
from functools import lru_cache

from cassettes.framings.recognition import FRAMINGS
from cassettes.tokens import places
from cassettes.tokens.discovery import can_be_token
from foundation.http.headers import Headers, media_type
from foundation.http.urls import URLS_KEPT

PARSED_TYPES = frozenset({"application/x-www-form-urlencoded", *FRAMINGS})
"""Media types of bodies that are read in another way than as JSON; the patterns do not fit them."""

BACKSLASH = 0x5C
NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
# Each begins with a literal byte where that can be: others take several times as long.
LONG_NUMBER = re.compile(rb"[0-9]{6}")
STRING = re.compile(rb'"(?![:,\]}])[!#-\xff]{6,}+"(?!\s*:)')
LONG_STRING = re.compile(rb'"(?![:,\]}])[!#-\xff]{16,}+"(?!\s*:)')
STRING_WITH_DIGIT = re.compile(rb'"(?![:,\]}])(?=[!#-\xff]*[0-9])[!#-\xff]{6,}+"(?!\s*:)')


def can_carry(url: str, headers: Headers, body: bytes) -> bool:
    """Whether a request with this url, these headers and this decoded body can carry a token."""
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
