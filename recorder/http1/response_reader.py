r"""Reads the bytes of an upstream's connection as the response to one request (RFC 9112), as leniently as curl.

The events are those that a recorder takes, and an `InterimResponse` for each 1xx before the response. Data becomes an
event as it arrives; in a chunked body, a piece that arrived at once is cut where chunks end:

    feed(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")                    [InterimResponse]
    feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")   [ResponseHead, ResponseData(b"hel")]
    feed(b"lo\r\n")                                                         [ResponseData(b"lo")]
    feed(b"0\r\n\r\n")                                                      [ResponseEnd]
"""

from __future__ import annotations

import re

from cassettes.model import How
from foundation.http.headers import Headers
from recorder.assembly import Broken, ResponseData, ResponseEnd, ResponseHead, TrafficEvent
from recorder.http1.chunked_decoder import ChunkedDecoder
from recorder.http1.malformed import MalformedResponse
from recorder.http1.response_head import ReceivedHead, parse_head

LARGEST_HEAD = 256 << 10
"""Bytes that the heads of a response may have, those of interim responses included."""

PROTOCOL = b"HTTP/"
HEAD_END = re.compile(rb"\r?\n\r?\n")
LINE_END = re.compile(rb"\r?\n")


class InterimResponse(TrafficEvent, frozen=True):
    """The head of an interim response (1xx, RFC 9110, 15.2)."""

    status: int
    reason: str
    headers: Headers


class ResponseReader:
    """Reads the response to a request of this method, until it has `ended`; `rest` is what arrived behind it.

    With `upgrade`, status 101 ends the response, and what follows is of another protocol. Without, it is an error,
    because the request did not ask for that.
    """

    def __init__(self, method: str, *, upgrade: bool = False) -> None:
        self.ended = False
        self.rest = b""
        self.head: ReceivedHead | None = None
        self._method = method
        self._upgrade = upgrade
        self._head_bytes = b""
        self._head_size = 0
        self._chunks: ChunkedDecoder | None = None
        self._left = 0  # bytes of a body with a length that have not arrived

    def feed(self, data: bytes, at: int) -> list[TrafficEvent]:
        """Return the events for `data`, which arrived at the time `at`; after the end, it goes to `rest`."""
        events: list[TrafficEvent] = []
        try:
            while self.head is None and not self.ended and data:
                data = self._read_head(data, at, events)
            if self.ended:
                self.rest += data
            elif data:
                self._read_body(data, at, events)
        except MalformedResponse as error:
            events.append(Broken(at, "error", f"the upstream sent no HTTP/1.1 answer: {error}"))
            self.ended = True
        return events

    def close(self, at: int, how: How, message: str = "") -> list[TrafficEvent]:
        """Return the events for the end of the connection, which completes a body without a length (RFC 9112, 6.3)."""
        if self.ended:
            return []
        self.ended = True
        if how == "server-closed" and self.head is not None and self.head.framing == "until close":
            return [ResponseEnd(at)]
        return [Broken(at, how, message)]

    def _read_head(self, data: bytes, at: int, events: list[TrafficEvent]) -> bytes:
        """Read one head, if all of it is there; returns the data behind it."""
        known = max(0, len(self._head_bytes) - 3)  # the end can be cut by two pieces
        gathered = self._head_bytes + data if self._head_bytes else data.lstrip(b"\r\n")
        if not gathered.startswith(PROTOCOL[: len(gathered)]):
            raise MalformedResponse("it does not begin with HTTP/")
        found = HEAD_END.search(gathered, known)
        size = self._head_size + (found.end() if found else len(gathered))
        if size > LARGEST_HEAD:
            raise MalformedResponse("its head has no end")
        if found is None:
            self._head_bytes = gathered
            return b""
        self._head_bytes, self._head_size = b"", size
        head = parse_head(LINE_END.split(gathered[: found.start()]), self._method)
        rest = gathered[found.end() :]
        if head.status < 200 and head.status != 101:
            events.append(InterimResponse(at, head.status, head.reason, head.headers))
            return rest
        if head.status == 101 and not self._upgrade:
            raise MalformedResponse("it switched to another protocol")
        self.head = head
        events.append(ResponseHead(at, head.status, head.reason, head.http, head.headers))
        self._begin_body(head, at, events)
        return rest

    def _begin_body(self, head: ReceivedHead, at: int, events: list[TrafficEvent]) -> None:
        if head.framing == "chunked":
            self._chunks = ChunkedDecoder()
        elif isinstance(head.framing, int):
            self._left = head.framing
            if not self._left:
                self._end(at, events)

    def _read_body(self, data: bytes, at: int, events: list[TrafficEvent]) -> None:
        if self._chunks is not None:
            self._read_chunks(self._chunks, data, at, events)
        elif self._left:
            events.append(ResponseData(at, data[: self._left]))
            self.rest = data[self._left :]
            self._left = max(0, self._left - len(data))
            if not self._left:
                self._end(at, events)
        else:
            events.append(ResponseData(at, data))

    def _read_chunks(self, chunks: ChunkedDecoder, data: bytes, at: int, events: list[TrafficEvent]) -> None:
        events.extend(ResponseData(at, piece) for piece in chunks.feed(data))
        if chunks.ended:
            self.rest = chunks.rest
            self._end(at, events, chunks.trailers)

    def _end(self, at: int, events: list[TrafficEvent], trailers: Headers = ()) -> None:
        events.append(ResponseEnd(at, trailers))
        self.ended = True
