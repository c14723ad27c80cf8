r"""Parses the bytes of an upstream's connection as a response (RFC 9112), with llhttp. No I/O happens here.

The events are those that a recorder takes: the head, the data, and the end. Each chunk of a chunked body is one
`ResponseData`, however the network cut it. A chunk larger than `LARGEST_PIECE`, and a body without chunks, become a
`ResponseData` for each piece that arrives:

    feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")   [ResponseHead]
    feed(b"lo\r\n")                                                         [ResponseData(b"hello")]
    feed(b"0\r\n\r\n")                                                      [ResponseEnd]
"""

from __future__ import annotations

import httptools

from cassettes.model import How
from foundation.http.headers import bodiless, is_chunked, values
from recorder.assembly import Broken, ResponseData, ResponseEnd, ResponseHead, TrafficEvent

LARGEST_PIECE = 64 << 10
"""Bytes of a chunk that are kept until the rest of it has arrived."""

LARGEST_HEAD = 256 << 10
"""Bytes that the head of a response may have."""


class ResponseParser:
    """Parses the response to a request of this method, until it has `ended`.

    Interim responses (1xx) are skipped, because they concern this connection only.
    """

    def __init__(self, method: str) -> None:
        self.ended = False
        self._method = method
        self._llhttp = httptools.HttpResponseParser(self)
        self._at = 0
        self._events: list[TrafficEvent] = []
        self._head: ResponseHead | None = None
        self._head_size = 0
        self._chunked = False
        self._piece = bytearray()
        self._clear()

    def feed(self, data: bytes, at: int) -> list[TrafficEvent]:
        """Return the events that `data`, which arrived at the time `at`, completes."""
        self._at = at
        try:
            self._llhttp.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.ended:  # otherwise it is what follows the response, which is ignored
                self._break("error", f"the upstream sent no HTTP/1.1 answer: {reason(error)}")
        if self._head is None:
            self._head_size += len(data)
            if self._head_size > LARGEST_HEAD and not self.ended:
                self._break("error", "the upstream sent a head without end")
        events, self._events = self._events, []
        return events

    def close(self, at: int, how: How, message: str = "") -> list[TrafficEvent]:
        """Return the events for the end of the connection, which completes a body without a length (RFC 9112, 6.3)."""
        self._at = at
        if not self.ended:
            if how == "server-closed" and self._ends_with_connection():
                self._end()
            else:
                self._break(how, message)
        events, self._events = self._events, []
        return events

    def _ends_with_connection(self) -> bool:
        return (
            self._head is not None and not self._chunked and not values(self._head.headers, "content-length")
        )

    def _break(self, how: How, message: str = "") -> None:
        self._flush()
        self._events.append(Broken(self._at, how, message))
        self.ended = True

    def _end(self) -> None:
        self._flush()
        self._events.append(ResponseEnd(self._at))
        self.ended = True

    def _flush(self) -> None:
        if self._piece:
            self._events.append(ResponseData(self._at, bytes(self._piece)))
            self._piece.clear()

    def _clear(self) -> None:
        self._reason = b""
        self._headers: list[tuple[str, str]] = []

    # llhttp's callbacks

    def on_status(self, part: bytes) -> None:
        """Add a part of the reason phrase."""
        self._reason += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header; a trailer is dropped."""
        if self._head is None:
            self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """End the head, which an interim response has as well."""
        status, http = self._llhttp.get_status_code(), self._llhttp.get_http_version()
        if status < 200:
            self._clear()
            return
        if self.ended:
            return
        self._head = ResponseHead(
            self._at, status, self._reason.decode("latin-1"), http, tuple(self._headers)
        )
        self._chunked = is_chunked(self._head.headers)
        self._events.append(self._head)
        if bodiless(self._method, status):  # llhttp does not know the method of the request
            self._end()

    def on_body(self, part: bytes) -> None:
        """Add a part of the body, without its chunk framing."""
        if not self.ended:
            self._piece += part
            if len(self._piece) >= LARGEST_PIECE or not self._chunked:
                self._flush()

    def on_chunk_complete(self) -> None:
        """End a chunk."""
        self._flush()

    def on_message_complete(self) -> None:
        """End the response, or an interim one."""
        if self._head is not None and not self.ended:
            self._end()


def reason(error: Exception) -> str:
    """Return what llhttp found wrong."""
    return "it switched to another protocol" if isinstance(error, httptools.HttpParserUpgrade) else str(error)
