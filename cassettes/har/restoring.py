"""The records of an entry that Chatreel wrote, as they were."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from cassettes import format_v1, model
from cassettes.har.shapes import Content, Entry, Exact, Pair, PostData, Request, Response

LARGEST_CHUNK = 64 << 20
"""Bytes of a chunk that are taken: more would make a line that no reader takes."""


def fits(entry: Entry, exact: Exact) -> bool:
    """Whether the body is as long as its chunks are, so that nobody has changed it since."""
    sizes = [one.get("bytes") for one in exact.chunks]
    known = [size for size in sizes if isinstance(size, int) and 0 <= size <= LARGEST_CHUNK]
    return len(known) == len(sizes) and sum(known) == len(response_body(entry.response))


def restore(entry: Entry, exact: Exact, exchange: int) -> Iterator[model.AnyRecord]:
    """The records of an entry that fits; raises format_v1.NotARecord for one that was not written so."""
    own = {"exchange": exchange}
    yield _request(entry.request, exact.request | own)
    if exact.response is not None:
        yield _response(entry.response or Response(), exact.response | own)
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


def _request(request: Request, fields: dict[str, Any]) -> model.AnyRecord:
    line = {
        "kind": "request",
        **fields,
        "method": request.method,
        "url": request.url,
        "headers": _headers(request.headers),
    }
    return replace(format_v1.from_fields(line), body=request_body(request.post_data))


def _response(response: Response, fields: dict[str, Any]) -> model.AnyRecord:
    return format_v1.from_fields(
        {
            "kind": "response",
            **fields,
            "status": response.status,
            "reason": response.status_text or "",
            "headers": _headers(response.headers),
        }
    )


def request_body(data: PostData | None) -> bytes:
    """The bytes of a request's body; raises ValueError for what is no base64."""
    if data is None:
        return b""
    return _bytes(data.text, data.own_encoding or data.encoding)


def response_body(response: Response | None) -> bytes:
    """The bytes of a response's body; raises ValueError for what is no base64."""
    content = (response.content if response else None) or Content()
    return _bytes(content.text, content.encoding)


def _bytes(text: str | None, encoding: str | None) -> bytes:
    if (encoding or "").lower() == "base64":
        return base64.b64decode("".join((text or "").split()), validate=True)
    return (text or "").encode()


def _headers(pairs: list[Pair] | None) -> list[list[str]]:
    return [[pair.name, pair.value or ""] for pair in pairs or []]
