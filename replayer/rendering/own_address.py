"""Rewrites a response for a client that asks another address, at another time, than the recorded client did.

Absolute urls of the recorded upstream lead to the replay server, and cookies are those of `own_cookies`.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from cassettes import model
from foundation.http.headers import Headers
from recorder.url_rewriting import (
    DEFAULT_PORTS,
    BodyRewriter,
    UrlRewriter,
    is_text,
    local_cookie,
    url_rewriter,
    without_validators,
)
from replayer.rendering.own_cookies import ClientAddress, with_moved_expiry


def with_own_address(exchange: model.Exchange, address: ClientAddress) -> model.Exchange:
    """The exchange as its client can use it; the same object when nothing has to change."""
    own = with_own_urls(exchange, address.origin)
    if own.response is None:
        return own
    headers = with_own_expiry(own.response.headers, address)
    if headers == own.response.headers:
        return own
    return msgspec.structs.replace(own, response=msgspec.structs.replace(own.response, headers=headers))


def with_own_urls(exchange: model.Exchange, origin: str) -> model.Exchange:
    """The exchange with its urls and cookies for the origin that a client asked; the same object when none changes."""
    response = exchange.response
    if response is None:
        return exchange
    secure = origin.startswith("https:")
    headers = tuple(
        (name, local_cookie(value, secure=secure) if name.lower() == "set-cookie" else value)
        for name, value in response.headers
    )
    chunks = exchange.chunks
    if has_origin(exchange.request.url):
        parts = urlsplit(exchange.request.url)
        urls = url_rewriter(f"{parts.scheme}://{parts.netloc}", origin)
        headers = urls.headers(headers, secure=secure)
        chunks = rewritten(chunks, urls) if is_text(headers) else chunks
    longer = sum(len(chunk.data) for chunk in chunks) - len(exchange.body)
    if longer:
        headers = tuple((name, resized(name, value, longer)) for name, value in headers)
    if chunks != exchange.chunks:
        headers = without_validators(headers)
    if headers == response.headers and chunks == exchange.chunks:
        return exchange
    rewritten_response = msgspec.structs.replace(response, headers=headers)
    return msgspec.structs.replace(exchange, response=rewritten_response, chunks=chunks)


def with_own_expiry(headers: Headers, address: ClientAddress) -> Headers:
    """The headers with cookies that expire as long after now as they did after the recording."""
    return tuple(
        (name, with_moved_expiry(value, address) if name.lower() == "set-cookie" else value)
        for name, value in headers
    )


def has_origin(url: str) -> bool:
    """Whether a recorded url names a server that others can lead to; what a person wrote may not."""
    try:
        parts = urlsplit(url)
        return parts.scheme in DEFAULT_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def rewritten(chunks: tuple[model.Chunk, ...], urls: UrlRewriter) -> tuple[model.Chunk, ...]:
    """The chunks with their urls rewritten; a url that two of them share goes with the second."""
    rewriter = BodyRewriter(urls)
    pieces = [rewriter.feed(chunk.data) for chunk in chunks]
    if pieces:
        pieces[-1] += rewriter.close()
    return tuple(
        msgspec.structs.replace(chunk, data=piece) for chunk, piece in zip(chunks, pieces, strict=True)
    )


def resized(name: str, value: str, longer: int) -> str:
    """The value of a header, its `Content-Length` for a body that became longer."""
    known = name.lower() == "content-length" and value.isdecimal()
    return str(int(value) + longer) if known else value
