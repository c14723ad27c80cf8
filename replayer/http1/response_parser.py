"""The bytes of an upstream's connection to its answer, sans-IO (RFC 9112), around llhttp.

What comes out is what a recorder takes: the head, then each chunk of a chunked body as one piece, however the
network cut it, then the end. A chunk that is larger than LARGEST_PIECE, and a body without chunks, comes as it
arrives.
"""

from __future__ import annotations

import httptools

from cassettes.model import How
from foundation.http.headers import bodiless, is_chunked, values
from recorder.assembly import Broken, ResponseData, ResponseEnd, ResponseHead, TrafficEvent

LARGEST_PIECE = 64 << 10
"""Bytes of a chunk that wait for its rest."""

LARGEST_HEAD = 256 << 10
"""Bytes of a head; what is more is no answer."""


class AnswerParser:
    """Feed it what arrives in answer to a request of this method, until the answer has `ended`.

    Interim answers (1xx) are left out: they are between the upstream and us.
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

    @property
    def answered(self) -> bool:
        """Whether the head has arrived."""
        return self._head is not None

    def feed(self, data: bytes, at: int) -> list[TrafficEvent]:
        """What `data`, which arrived at the time `at`, completes."""
        self._at = at
        try:
            self._llhttp.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.ended:  # else it is what follows the answer, and nobody asked for it
                self._break("error", f"the upstream sent no HTTP/1.1 answer: {reason(error)}")
        if self._head is None:
            self._head_size += len(data)
            if self._head_size > LARGEST_HEAD and not self.ended:
                self._break("error", "the upstream sent a head without end")
        events, self._events = self._events, []
        return events

    def close(self, at: int, how: How, message: str = "") -> list[TrafficEvent]:
        """What the end of the connection makes of the answer; a body without a length ends so (RFC 9112, 6.3)."""
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
        """A part of the reason phrase."""
        self._reason += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which is dropped."""
        if self._head is None:
            self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """The head is whole."""
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
        if bodiless(self._method, status):  # llhttp does not know what was asked
            self._end()

    def on_body(self, part: bytes) -> None:
        """A part of the body, without its chunk framing."""
        if not self.ended:
            self._piece += part
            if len(self._piece) >= LARGEST_PIECE or not self._chunked:
                self._flush()

    def on_chunk_complete(self) -> None:
        """A chunk is whole."""
        self._flush()

    def on_message_complete(self) -> None:
        """The answer is whole, or an interim one is."""
        if self._head is not None and not self.ended:
            self._end()


def reason(error: Exception) -> str:
    """What llhttp found."""
    return "it switched to another protocol" if isinstance(error, httptools.HttpParserUpgrade) else str(error)
