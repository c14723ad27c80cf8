"""Reduces a request to what stays the same where only fresh values differ, so that such requests can be looked up.

Whatever may be an id or a time is left out, and words are, because one of their own does not show that it is an id. So
requests with the same outline are only candidates: `fresh_values` looks at the values themselves.

    POST /chat {"id":"a9f3","now":"2026-11-22T10:00:00Z","query":"What is new?"}     POST /chat {"id":*,"now":*,"query":
    POST /chat {"id":"77c1","now":"2026-11-23T08:30:00Z","query":"What is new?"}     "What is new?"}, both
"""

from __future__ import annotations

import re

from cassettes.values.volatile_shapes import COMPACT, HTTP_DATE, TIMESTAMP, UUID

LONG_WORD = re.compile(rb'"(?![:,\]}])[^"\\ ]{8,}+"(?!:)')
"""A long word that is no key."""

LONG_NUMBER = re.compile(rb"(?<=[:,\[])-?[0-9]{9,}(?:\.[0-9]+)?(?=[,\]}])")
MOMENT = re.compile(rf"(?:{TIMESTAMP}|{COMPACT}|{HTTP_DATE}|{UUID})".encode())
"""A time or a UUID inside a text."""

FIELD_ENDS = (b'id"', b'Id"', b'ID"', b'oken"', b'hash"', b'nonce"', b'_key"')
"""How the names of fields end that hold an id of any form."""

ID_VALUE = re.compile(rb"((?:" + b"|".join(FIELD_ENDS) + rb')[:,])(?:"[^"\\]*+"|-?[0-9]+)')

FEWEST_DIGITS = 8
"""Digits of the shortest time."""

NOT_DIGITS = bytes(set(range(256)) - set(b"0123456789"))

LEFT_OUT_OF_PATH = re.compile(rb"(?<=/)(?:[^/]{16,}+|[^/]*[0-9][^/]*)(?=/|\Z)")
"""The segments of a path that may be ids."""


def outline(body: bytes) -> bytes:
    """Return the canonical bytes of a query or a body without what may be fresh."""
    if any(ends in body for ends in FIELD_ENDS):
        body = ID_VALUE.sub(rb"\1*", body)
    body = LONG_WORD.sub(b"*", body)
    if len(body.translate(None, NOT_DIGITS)) >= FEWEST_DIGITS:
        body = MOMENT.sub(b"*", LONG_NUMBER.sub(b"*", body))
    return body


def outline_of_path(path: bytes) -> bytes:
    """Return a path without the segments that may be ids."""
    return LEFT_OUT_OF_PATH.sub(b"*", path)
