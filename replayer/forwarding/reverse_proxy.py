"""Between a client and a live upstream, as a reverse proxy: the request for the one, the answer for the other.

What is of one connection alone (RFC 9110, 7.6.1) stays on it. The answer is mended as `chatreel record` mends
it, so that the client stays here; what is recorded is what came.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from cassettes.model import Request
from foundation.http.headers import Headers, bodiless, connection_options, first, values, without
from foundation.http.urls import path_and_query
from recorder.assembly import Broken, ResponseData, ResponseEnd, ResponseHead, TrafficEvent
from recorder.url_rewriting import BodyForwarder, UrlRewriter
from replayer.http1.request_parser import Incoming
from replayer.schedule.actions import Action, Data, Finish, Head
from replayer.schedule.from_exchange import ENDINGS

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
    """The actions for one client that an upstream's answer makes: a head, data for each piece, an end."""

    def __init__(self, incoming: Incoming, origin: str) -> None:
        self._method = incoming.request.method
        self._chunked = incoming.client == "1.1"
        host = first(incoming.request.headers, "host")
        self._urls = rewriter_of(origin, f"http://{host}" if host else "")
        self._body: BodyForwarder | None = None

    def actions(self, event: TrafficEvent, at: int) -> Iterator[Action]:
        """What an event of the answer makes, at a time; nothing while a piece waits for its rest."""
        match event:
            case ResponseHead():
                yield self._head(event, at)
            case ResponseData():
                yield from self._data(event.data, at)
            case ResponseEnd() | Broken():
                yield from self._data(b"", at)
                yield Finish(at, ENDINGS[event.how if isinstance(event, Broken) else "complete"])
            case _:
                raise AssertionError(f"no part of an answer: {event}")

    def _head(self, answer: ResponseHead, at: int) -> Head:
        headers = self._urls.headers(passed_on(answer.headers), secure=False)
        if not bodiless(self._method, answer.status):
            self._body = BodyForwarder.of(headers, self._urls)
        if self._body is not None:
            headers = self._body.headers(headers, chunked=self._chunked)
        return Head(at, answer.status, answer.reason, headers)

    def _data(self, piece: bytes, at: int) -> Iterator[Action]:
        """A piece of the body; an empty one is its end."""
        data = self._body.feed(piece) if self._body is not None else piece
        if data:
            yield Data(at, data)
