"""A body or an event's data as the API sends it: text where it is UTF-8, else base64, cut where it is long."""

from __future__ import annotations

import base64
import codecs

import msgspec

from cassettes.file.format_v1 import UNREADABLE

DEFAULT_LENGTH = 64 << 10
"""Bytes of a body that are sent with its exchange."""

LONGEST = 16 << 20
"""Bytes that are sent of anything, at most."""

_decode = msgspec.json.Decoder().decode


class BodyContent(msgspec.Struct, frozen=True, kw_only=True):
    """`text` or `base64` holds the first of `size` bytes; `json`: all of it is an object or a list in JSON."""

    size: int
    text: str | None = None
    base64: str | None = None
    json: bool = False
    truncated: bool = False


def content(data: bytes, size: int | None = None, most: int = DEFAULT_LENGTH) -> BodyContent:
    """The first `most` bytes of data; `size` is the size of the whole where `data` is only its beginning."""
    whole = len(data) if size is None else size
    truncated = whole > min(len(data), most)
    text = text_of(data[:most], truncated=truncated)
    if text is None:
        return BodyContent(size=whole, base64=base64.b64encode(data[:most]).decode(), truncated=truncated)
    return BodyContent(size=whole, text=text, json=not truncated and is_json(data), truncated=truncated)


def text_of(data: bytes, *, truncated: bool) -> str | None:
    """Bytes as text, None when they are not UTF-8; a last character that `truncated` data cuts is left out."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data, final=not truncated)
    except UnicodeDecodeError:
        return None


def is_json(data: bytes) -> bool:
    """Whether data is an object or a list in JSON (RFC 8259)."""
    if data.lstrip()[:1] not in {b"{", b"["}:
        return False
    try:
        _decode(data)
    except (*UNREADABLE, ValueError):
        return False
    return True
