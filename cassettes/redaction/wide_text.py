"""Redacts bodies in UTF-16, as if each of their code units were one byte.

A unit that is no ASCII character is a byte that no rule and no stand-in touches, so it stays as it is:

    body        7b 00 22 00 ac 20 ...     { " €
    narrow      7b    22    ff            is redacted, and the low bytes of what changed are put back
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from cassettes.redaction.incremental_text import IncrementalText
from cassettes.redaction.spans import Span

type Order = Literal["little", "big"]

NOT_ASCII = 0xFF


class RedactedText(Protocol):
    """A text that is redacted in pieces, as `IncrementalText` describes it."""

    def quiet(self, data: bytes) -> bool:
        """Return whether nothing is held back and `data` would be returned unchanged."""

    def skip(self, data: bytes) -> None:
        """Add data for which `quiet` returned True, and which is written without `feed`."""

    def feed(self, data: bytes, *, final: bool = False, secrets: Sequence[Span] = ()) -> bytes:
        """Return what can be written now."""


def order_of(data: bytes) -> Order | None:
    """Return the order of the bytes of UTF-16 by its first ones (a BOM, or an ASCII character); None for other text."""
    first, second = data[0], data[1]
    if (first, second) == (0xFF, 0xFE) or (0x09 <= first < 0x7F and not second):
        return "little"
    if (first, second) == (0xFE, 0xFF) or (not first and 0x09 <= second < 0x7F):
        return "big"
    return None


def as_utf8(text: bytes) -> bytes:
    """Return a text in UTF-8 if it is in UTF-16, otherwise the text itself."""
    order = order_of(text) if len(text) > 1 else None
    if order is None:
        return text
    return text.decode("utf-16-le" if order == "little" else "utf-16-be", "replace").lstrip("\ufeff").encode()


class AnyWidthText:
    """A body that may be in UTF-16, which its first two bytes tell."""

    def __init__(self, text: IncrementalText) -> None:
        self._text = text
        self._order: Order | None = None
        self._decided = False
        self._units = b""  # of UTF-16, those that the text holds back and a half one

    def quiet(self, data: bytes) -> bool:
        """Return whether nothing is held back and `data` would be returned unchanged."""
        if self._decided and self._order is None:
            return self._text.quiet(data)
        if self._units:
            return False
        if not data:
            return not self._decided or self._text.quiet(data)
        self._decide(data)
        return self._decided and self._order is None and self._text.quiet(data)

    def skip(self, data: bytes) -> None:
        """Add data for which `quiet` returned True, and which is written without `feed`."""
        if data:
            self._text.skip(data)

    def feed(self, data: bytes, *, final: bool = False, secrets: Sequence[Span] = ()) -> bytes:
        """Return what can be written now: everything, when this is the end of the text."""
        data = self._units + data if not self._decided else data
        self._units = b"" if not self._decided else self._units
        self._decide(data)
        if not self._decided and not final:
            self._units = data
            return b""
        if self._order is None:
            return self._text.feed(data, final=final, secrets=secrets)
        return self._feed_units(data, final=final)

    def _decide(self, data: bytes) -> None:
        if not self._decided and len(data) > 1:
            self._order = order_of(data)
            self._decided = True

    def _feed_units(self, data: bytes, *, final: bool) -> bytes:
        half = len(self._units) % 2
        held = self._units[len(self._units) - half :] + data
        self._units = self._units + data
        whole = len(held) // 2 * 2
        low, high = (0, 1) if self._order == "little" else (1, 0)
        pairs = zip(held[low:whole:2], held[high:whole:2], strict=True)
        narrow = bytes(NOT_ASCII if upper or lower > 0x7F else lower for lower, upper in pairs)
        released = self._text.feed(narrow, final=final)
        count = 2 * len(released)
        written, self._units = bytearray(self._units[:count]), self._units[count:]
        for place, byte in enumerate(released):
            if byte != NOT_ASCII:
                written[2 * place + low] = byte
        rest = self._units if final else b""
        return bytes(written) + rest
