"""Between a client and a live upstream, as a reverse proxy: the request for the one, the answer for the other.

What is of one connection alone (RFC 9110, 7.6.1) stays on it. The answer is mended as `chatreel record` mends
it, so that the client stays here; what is recorded is what came.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from cassettes.model import Headers, How, Request, first, values
from recorder.assembly import ResponseHead
from recorder.reverse import BodyForwarder, UrlRewriter
from replayer.framing import (
    LAST_CHUNK,
    After,
    after,
    encode_data,
    encode_head,
    framing_of,
    keeps_connection,
)
from replayer.headers import bodiless, connection_options, without
from replayer.incoming import Incoming
from replayer.matching import path_and_query
from replayer.schedule import ENDINGS, Head

OF_THE_CONNECTION = (
    "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te",
    "trailer", "upgrade",
)  # fmt: skip

rewriter_of = lru_cache(maxsize=64)(UrlRewriter)
"""Its patterns are compiled once, not for every answer; clients choose the origin, so it is bounded."""


def passed_on(headers: Headers) -> Headers:
    """The headers that are not of one connection alone."""
    named = connection_options(headers) - {"content-length", "host", "transfer-encoding"}
    return without(headers, *OF_THE_CONNECTION, *named)


def outgoing(request: Request, origin: str) -> Request:
    """The request as the upstream at `origin` gets it: at once, so with its length."""
    path, query = path_and_query(request.url)
    target = f"{path}?{query}" if query else path
    headers = without(passed_on(request.headers), "expect", "transfer-encoding")
    fixed = {"host": urlsplit(origin).netloc, "content-length": str(len(request.body))}
    headers = tuple((name, fixed.get(name.lower(), value)) for name, value in headers)
    if not values(headers, "host"):
        headers = (("Host", fixed["host"]), *headers)
    if request.body and not values(headers, "content-length"):
        headers = (*headers, ("Content-Length", fixed["content-length"]))
    return msgspec.structs.replace(request, url=origin + target, http="1.1", headers=headers)


class Relay:
    """The bytes for one client of what the upstream answers: `head`, then `data` for each piece, then `end`."""

    def __init__(self, incoming: Incoming, origin: str) -> None:
        self._method = incoming.request.method
        self._client = incoming.client
        host = first(incoming.request.headers, "host")
        self._urls = rewriter_of(origin, f"http://{host}" if host else "")

    def head(self, answer: ResponseHead) -> bytes:
        """The status line and the headers."""
        headers = self._urls.headers(passed_on(answer.headers), secure=False)
        self._body = None
        if not bodiless(self._method, answer.status):
            self._body = BodyForwarder.of(headers, self._urls)
        if self._body is not None:
            headers = self._body.headers(headers, chunked=self._client == "1.1")
        head = Head(0, answer.status, answer.reason, headers)
        self._framing = framing_of(head, self._method, self._client)
        self._reusable = keeps_connection(head, self._client) and self._framing != "close"
        return encode_head(head, self._client, reusable=self._reusable)

    def data(self, piece: bytes) -> bytes:
        """A piece of the body; empty while it waits for its rest."""
        if self._body is not None:
            piece = self._body.feed(piece)
        return encode_data(piece, self._framing) if piece else b""

    def end(self, how: How) -> tuple[bytes, After]:
        """What is left to say, and what becomes of the client's connection."""
        rest = self._body.feed(b"") if self._body is not None else b""
        ending = ENDINGS[how]
        last = encode_data(rest, self._framing) if rest else b""
        if self._framing == "chunked" and ending == "complete":
            last += LAST_CHUNK
        return last, after(ending, reusable=self._reusable)
