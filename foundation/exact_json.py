r"""Reads JSON without losing anything of it, and writes a value so that equal values give equal bytes.

Numbers keep their exact value, whatever their size: they are equal when they are equal as numbers, not as doubles. What
other programs write although RFC 8259 has no such thing is read as well: NaN and the infinities, and one half of a
surrogate pair.

    text                              value
    1, 1.0, 10e-1                     1
    0.1, 0.10                         0.1
    12345678901234567.1, 1e400        decimal.Decimal, because a double would be another number
    NaN                               decimal.Decimal("NaN")
    "\ud83d"                          a string of half a pair
"""

from __future__ import annotations

import json
import re
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from typing import Any

import msgspec

EXACT_DIGITS = 15
"""Significant digits that each number can have while different numbers are different doubles."""

LARGEST_INTEGER = 30
"""Digits of the largest integer that is an `int`; a longer one is a Decimal, which `1e999999` does not blow up."""

NOT_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
LONG_INTEGER = re.compile(rb"[0-9]{%d}" % LARGEST_INTEGER)

_exact = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def decode(text: bytes) -> Any:
    """Read a JSON text; raises ValueError when it is none, RecursionError when it is nested too deep."""
    if not _has_long_integer(text):
        try:
            return _decode(text)
        except msgspec.MsgspecError:
            pass  # it may be what only the other reader reads
    return json.loads(text.decode(), parse_int=number, parse_float=number, parse_constant=Decimal)


def decode_inexactly(text: bytes) -> Any:
    """Read a JSON text as `decode` does, but with doubles for numbers that have a fraction or an exponent."""
    try:
        return _decode_inexactly(text)
    except msgspec.MsgspecError:
        return json.loads(text.decode())


def encode(value: Any) -> bytes:
    """Write a value canonically, with sorted keys: the same bytes if, and only if, two values are the same."""
    try:
        return _encode(value)
    except UnicodeEncodeError:  # half a surrogate pair
        return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_written).encode()


def number(text: str) -> int | float | Decimal:
    """Return the exact value of a JSON number, of the same type for numbers that are equal."""
    if len(text) <= EXACT_DIGITS and is_exact(quick := float(text)):
        return int(quick) if quick.is_integer() else quick
    try:
        value = _exact.normalize(Decimal(text))
    except InvalidOperation:
        raise ValueError("a number whose exponent no computer has") from None
    if not value:
        return 0
    if value.adjusted() < LARGEST_INTEGER and value == value.to_integral_value():
        return int(value)
    few = len(value.as_tuple().digits) <= EXACT_DIGITS
    return float(value) if few and is_exact(float(value)) else value


def is_exact(value: float) -> bool:
    """Return whether a number of at most EXACT_DIGITS is a double that no other such number is."""
    return 1e-300 < abs(value) < 1e15


def _has_long_integer(text: bytes) -> bool:
    return (
        len(text) > LARGEST_INTEGER
        and len(text.translate(None, NOT_DIGITS)) >= LARGEST_INTEGER
        and LONG_INTEGER.search(text) is not None
    )


def _written(value: object) -> object:
    assert isinstance(value, Decimal)
    return {"": str(value)}


_decode = msgspec.json.Decoder(float_hook=number).decode
_decode_inexactly = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="sorted", decimal_format="number").encode
