"""Restores the exact records of a HAR entry that Chatreel wrote, from the entry and its `_chatreel` field."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from cassettes import model
from cassettes.file import format_v1
from cassettes.har.schema import Exact, HarContent, HarEntry, HarField, HarRequest, HarResponse, PostData

URL_SAFE = str.maketrans("-_", "+/")
"""The two digits of base64 that have another spelling (RFC 4648, 5)."""

LARGEST_CHUNK = 64 << 20
"""Bytes that a chunk may have: a longer one would make a line that no reader takes."""


def fits(entry: HarEntry, exact: Exact) -> bool:
    """Whether the body is as long as the chunks together; a body that was edited since is not."""
    sizes = [one.get("bytes") for one in exact.chunks]
    known = [size for size in sizes if isinstance(size, int) and 0 <= size <= LARGEST_CHUNK]
    return len(known) == len(sizes) and sum(known) == len(response_body(entry.response))


def restore(entry: HarEntry, exact: Exact, exchange: int) -> Iterator[model.AnyRecord]:
    """The records of an entry that `fits`; raises format_v1.NotARecord when its fields make no record."""
    own = {"exchange": exchange}
    yield _request(entry.request, exact.request | own)
    if exact.response is not None:
        yield _response(entry.response or HarResponse(), exact.response | own)
    body, at = response_body(entry.response), 0
    for part in exact.chunks:
        size = part["bytes"]
        fields = {name: value for name, value in part.items() if name != "bytes"}
        chunk = format_v1.from_fields({**fields, **own, "kind": "chunk", "data": ""})
        yield replace(chunk, data=body[at : at + size])
        at += size
    for loss in exact.losses:
        yield format_v1.from_fields({**loss, **own, "kind": "loss"})
    yield format_v1.from_fields({**exact.end, **own, "kind": "end"})


def _request(request: HarRequest, fields: dict[str, Any]) -> model.AnyRecord:
    line = {
        "kind": "request",
        **fields,
        "method": request.method,
        "url": request.url,
        "headers": _headers(request.headers),
    }
    return replace(format_v1.from_fields(line), body=request_body(request))


def _response(response: HarResponse, fields: dict[str, Any]) -> model.AnyRecord:
    return format_v1.from_fields(
        {
            "kind": "response",
            **fields,
            "status": response.status,
            "reason": response.status_text or "",
            "headers": _headers(response.headers),
        }
    )


def request_body(request: HarRequest) -> bytes:
    """The bytes of a request's body; raises ValueError for invalid base64."""
    data = request.post_data or PostData()
    return _bytes(data.text, data.own_encoding or data.encoding, (request.body_size,))


def response_body(response: HarResponse | None) -> bytes:
    """The bytes of a response's body; raises ValueError for invalid base64."""
    content = (response.content if response else None) or HarContent()
    size = content.size or 0
    # mitmproxy tells the compressed size, and by how much the content is larger.
    return _bytes(content.text, content.encoding, (size, size + (content.compression or 0)))


def _bytes(text: str | None, encoding: str | None, sizes: tuple[float | None, ...]) -> bytes:
    """The bytes that a text stands for; `sizes` are the numbers of bytes that the entry says there were.

    A HAR file is UTF-8, but its writer decoded the body from some charset first. When only ISO-8859-1 gives as many
    bytes as there were, it was that one: mitmproxy decodes event streams so.
    """
    if (encoding or "").lower() == "base64":
        digits = "".join((text or "").split()).rstrip("=").translate(URL_SAFE)
        try:
            return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
        except binascii.Error as error:
            raise ValueError(
                f"text: expected base64, as its encoding says, found something else ({error})"
            ) from None
    data = (text or "").encode()
    if text and len(data) not in sizes and len(text) in sizes:
        with contextlib.suppress(UnicodeEncodeError):
            return text.encode("latin-1")
    return data


def _headers(pairs: list[HarField] | None) -> list[list[str]]:
    return [[pair.name, pair.value or ""] for pair in pairs or []]
