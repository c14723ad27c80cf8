"""A body or an event's data as the page gets it: text where it is UTF-8, base64 where not, cut where it is long."""

from __future__ import annotations

import base64
import codecs

import msgspec

from cassettes.file.format_v1 import UNREADABLE

AT_ONCE = 64 << 10
"""Bytes of a body that are sent unasked."""

LONGEST = 16 << 20
"""Bytes that are sent at all."""

_decode = msgspec.json.Decoder().decode


class BodyContent(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes: `size` of them there are, of which `text` or `base64` has the first ones."""

    size: int
    text: str | None = None
    base64: str | None = None
    json: bool = False
    truncated: bool = False


def content(data: bytes, size: int | None = None, most: int = AT_ONCE) -> BodyContent:
    """The first `most` bytes of data; `size` is told where the data itself is but a beginning."""
    whole = len(data) if size is None else size
    truncated = whole > min(len(data), most)
    text = text_of(data[:most], truncated=truncated)
    if text is None:
        return BodyContent(size=whole, base64=base64.b64encode(data[:most]).decode(), truncated=truncated)
    return BodyContent(size=whole, text=text, json=not truncated and is_json(data), truncated=truncated)


def text_of(data: bytes, *, truncated: bool) -> str | None:
    """The text that bytes are, None when they are not UTF-8; a character that was cut is left out."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data, final=not truncated)
    except UnicodeDecodeError:
        return None


def is_json(data: bytes) -> bool:
    """Whether it is an object or a list in JSON."""
    if data.lstrip()[:1] not in {b"{", b"["}:
        return False
    try:
        _decode(data)
    except (*UNREADABLE, ValueError):
        return False
    return True
