"""Converts requests and responses between a client and a live upstream, as a reverse proxy does.

Hop-by-hop headers, which concern one connection only, are not forwarded (RFC 9110, 7.6.1). Responses are rewritten as
by `chatreel record`, so that the client goes on talking to this server; they are recorded before that.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from cassettes.model import Request
from foundation.http.cookies import with_original_cookies
from foundation.http.headers import Headers, bodiless, connection_options, values, without
from foundation.http.urls import target
from recorder.assembly import Broken, ResponseData, ResponseEnd, ResponseHead, TrafficEvent
from recorder.url_rewriting import BodyForwarder, UrlRewriter
from replayer.http1.incoming import Incoming
from replayer.schedule.actions import Action, Data, Finish, Head
from replayer.schedule.from_exchange import ENDINGS

HOP_BY_HOP = (
    "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te",
    "upgrade",
)  # fmt: skip

rewriter_of = lru_cache(maxsize=64)(UrlRewriter)
"""Patterns are compiled once for each pair of origins. Clients choose theirs, so the cache is bounded."""


def end_to_end(headers: Headers) -> Headers:
    """Return the headers without the hop-by-hop ones, also those that `Connection` names (RFC 9110, 7.6.1)."""
    named = connection_options(headers) - {"content-length", "host", "transfer-encoding"}
    return without(headers, *HOP_BY_HOP, *named)


def upstream_request(request: Request, origin: str) -> Request:
    """Return the request as the upstream at `origin` gets it.

    It is HTTP/1.1, for that host. Its body is sent at once, so it has a `Content-Length` and no transfer coding.
    """
    headers = without(end_to_end(with_original_cookies(request.headers)), "expect", "transfer-encoding")
    fixed = {"host": urlsplit(origin).netloc, "content-length": str(len(request.body))}
    headers = tuple((name, fixed.get(name.lower(), value)) for name, value in headers)
    if not values(headers, "host"):
        headers = (("Host", fixed["host"]), *headers)
    if request.body and not values(headers, "content-length"):
        headers = (*headers, ("Content-Length", fixed["content-length"]))
    return msgspec.structs.replace(request, url=origin + target(request.url), http="1.1", headers=headers)


class Relay:
    """Converts the events of an upstream's response to actions for one client."""

    def __init__(self, incoming: Incoming, origin: str) -> None:
        self._method = incoming.request.method
        self._chunked = incoming.client.version == "1.1"
        self._secure = incoming.secure
        self._urls = rewriter_of(origin, incoming.origin)
        self._body: BodyForwarder | None = None

    def actions(self, event: TrafficEvent, at: int) -> Iterator[Action]:
        """Yield the actions for an event, with the time `at`; none while a url that a piece cuts waits for its rest."""
        match event:
            case ResponseHead():
                yield self._head(event, at)
            case ResponseData():
                yield from self._data(event.data, at)
            case ResponseEnd():
                yield from self._data(b"", at)
                yield Finish(at, "complete", self._urls.headers(event.trailers, secure=self._secure))
            case Broken():
                yield from self._data(b"", at)
                yield Finish(at, ENDINGS[event.how])
            case _:
                raise AssertionError(f"no part of a response: {event}")

    def _head(self, head: ResponseHead, at: int) -> Head:
        headers = self._urls.headers(end_to_end(head.headers), secure=self._secure)
        if not bodiless(self._method, head.status):
            self._body = BodyForwarder.of(headers, self._urls)
        if self._body is not None:
            headers = self._body.headers(headers, chunked=self._chunked)
        return Head(at, head.status, head.reason, headers)

    def _data(self, piece: bytes, at: int) -> Iterator[Action]:
        """Yield a piece of the body as it is forwarded; an empty one is the end of the body."""
        data = self._body.feed(piece) if self._body is not None else piece
        if data:
            yield Data(at, data)
