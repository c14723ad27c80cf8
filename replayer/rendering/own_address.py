"""Mends what would break a client that is not where, or when, the recording was made.

Cookies lose `Domain` and (the replay speaks plain HTTP) `Secure`; their `Expires` moves with the clock; absolute
urls of the recorded upstream lead to the replay server.
"""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urlsplit

import msgspec

from cassettes import model
from foundation.http.cookies import Attribute, edit_attributes
from recorder.url_rewriting import DEFAULT_PORTS, BodyRewriter, UrlRewriter, is_text, local_cookie


class ClientAddress(msgspec.Struct, frozen=True):
    """Where and when a response is played: the origin that the client asked, and when it was recorded."""

    origin: str
    now: dt.datetime
    recorded: dt.datetime


def with_own_address(exchange: model.Exchange, address: ClientAddress) -> model.Exchange:
    """The exchange as its client can use it; the very same when there is nothing to mend."""
    response = exchange.response
    if response is None:
        return exchange
    headers = tuple(
        (name, moved(local_cookie(value, secure=False), address) if name.lower() == "set-cookie" else value)
        for name, value in response.headers
    )
    chunks = exchange.chunks
    if has_origin(exchange.request.url):
        urls = UrlRewriter(exchange.request.url, address.origin)
        headers = urls.headers(headers, secure=False)
        chunks = rewritten(chunks, urls) if is_text(headers) else chunks
    longer = sum(len(chunk.data) for chunk in chunks) - len(exchange.body)
    if longer:
        headers = tuple((name, resized(name, value, longer)) for name, value in headers)
    if headers == response.headers and chunks == exchange.chunks:
        return exchange
    mended = msgspec.structs.replace(response, headers=headers)
    return msgspec.structs.replace(exchange, response=mended, chunks=chunks)


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


def moved(cookie: str, address: ClientAddress) -> str:
    """A `Set-Cookie` that expires as long after now as the recorded one after its recording (RFC 6265, 4.1).

    One that had expired, which deletes the cookie, stays expired.
    """

    def at_its_age(attribute: Attribute, text: str) -> str:
        key, equals, date = text.partition("=")
        return key + equals + later(date, address) if attribute.name == "expires" and equals else text

    return edit_attributes(cookie, at_its_age)


def later(date: str, address: ClientAddress) -> str:
    """An HTTP date, moved by the time that has passed since the recording; as it is when it is none."""
    try:
        expires = parsedate_to_datetime(date)
    except ValueError:
        return date
    expires = expires if expires.tzinfo else expires.replace(tzinfo=dt.UTC)
    if expires <= address.recorded:
        return date
    try:
        return format_datetime((expires + (address.now - address.recorded)).astimezone(dt.UTC), usegmt=True)
    except OverflowError:  # it never expired, nor does it now
        return date
