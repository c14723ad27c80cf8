"""Builds the cassette records of one exchange from its events on the wire. No I/O happens here.

An `Assembly` begins with the head of a request and is fed the other events in their order on the wire. Each call
returns the records that are final by then. `TRANSITIONS` holds every legal event and the state that it leads to:

    state              request data  request end   response head  response data  response end  broken
    REQUEST_ARRIVING   (same)        REQUEST_SENT  ANSWERED_EARLY illegal        illegal       ENDED
    REQUEST_SENT       illegal       illegal       RESPONDING     illegal        illegal       ENDED
    ANSWERED_EARLY     (same)        RESPONDING    illegal        (same)         ENDED_EARLY   ENDED
    RESPONDING         (same)        (same)        illegal        (same)         ENDED         ENDED
                       and messages of WebSocket: (same)
    ENDED_EARLY        (same)        ENDED         illegal        illegal        illegal       ENDED

An example, with the state after each event and the records that are returned:

    RequestHead   at=0            REQUEST_ARRIVING   -
    RequestData   at=1  b"{}"     REQUEST_ARRIVING   -
    RequestEnd    at=2            REQUEST_SENT       Request(at=2, body=b"{}")
    ResponseHead  at=9  200       RESPONDING         Response(at=9, status=200)
    ResponseData  at=9  b"data:"  RESPONDING         Chunk(at=9, data=b"data:")
    ResponseEnd   at=12           ENDED              End(at=12, how="complete")

A response may begin, and end, before its request has ended. Its events are then held back, so that the request is
recorded whole, with the time when the response began. When too much would be held back, the request is recorded with
the part of its body that has arrived; the rest of the body is counted and recorded as a loss.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

import msgspec

from cassettes import model
from foundation.http.headers import Headers, values
from recorder.content_coding import BodyDecoder, BrokenCoding, decoder_for

LARGEST_BODY = 64 << 20
"""Largest number of bytes that is recorded of a request's body, and that one chunk may have once it is decoded.

It is the largest body that the replay listener accepts. Written in base64, as large bodies are, such a record is still
shorter than the longest line that a reader accepts.
"""

MOST_HELD = 1 << 20
"""Bytes of an early response that are held back until its request has ended."""


class TrafficEvent(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """An event of an exchange, `at` microseconds after the recording began."""

    at: int


class RequestHead(TrafficEvent, frozen=True):
    """The request line and the headers of a request."""

    method: str
    url: str
    http: str
    headers: Headers


class RequestData(TrafficEvent, frozen=True):
    """Bytes of the request's body, as they arrived."""

    data: bytes


class RequestEnd(TrafficEvent, frozen=True):
    """The request has arrived completely."""


class ResponseHead(TrafficEvent, frozen=True):
    """The status line and the headers of the response."""

    status: int
    reason: str
    http: str
    headers: Headers


class ResponseData(TrafficEvent, frozen=True):
    """Bytes of the response's body, as they arrived."""

    data: bytes


class SocketMessage(TrafficEvent, frozen=True):
    """A whole message of the WebSocket that the exchange became; the fields are those of `model.WebSocketMessage`."""

    sender: model.Sender
    opcode: int
    data: bytes


class ResponseEnd(TrafficEvent, frozen=True):
    """The response has arrived completely; `trailers` are the headers behind its body (RFC 9110, 6.5)."""

    trailers: Headers = ()


class Broken(TrafficEvent, frozen=True):
    """The exchange ended before its response was complete; `how` and `message` become those of its `End` record."""

    how: model.How
    message: str = ""


class EventsLost(TrafficEvent, frozen=True):
    """Stands for `records` events, with `bytes` of data in total, that were discarded, and says why."""

    records: int
    bytes: int
    reason: str


type AnyEvent = (
    RequestHead
    | RequestData
    | RequestEnd
    | ResponseHead
    | ResponseData
    | SocketMessage
    | ResponseEnd
    | Broken
    | EventsLost
)


class ExchangeState(enum.IntEnum):
    """How far an exchange has got. An `IntEnum`, because its hash is computed much faster than that of an `Enum`."""

    REQUEST_ARRIVING = enum.auto()
    REQUEST_SENT = enum.auto()
    ANSWERED_EARLY = enum.auto()
    RESPONDING = enum.auto()
    ENDED_EARLY = enum.auto()
    ENDED = enum.auto()


TRANSITIONS: dict[tuple[ExchangeState, type[TrafficEvent]], ExchangeState] = {
    (ExchangeState.REQUEST_ARRIVING, RequestData): ExchangeState.REQUEST_ARRIVING,
    (ExchangeState.REQUEST_ARRIVING, RequestEnd): ExchangeState.REQUEST_SENT,
    (ExchangeState.REQUEST_ARRIVING, ResponseHead): ExchangeState.ANSWERED_EARLY,
    (ExchangeState.REQUEST_ARRIVING, Broken): ExchangeState.ENDED,
    (ExchangeState.REQUEST_SENT, ResponseHead): ExchangeState.RESPONDING,
    (ExchangeState.REQUEST_SENT, Broken): ExchangeState.ENDED,
    (ExchangeState.ANSWERED_EARLY, RequestData): ExchangeState.ANSWERED_EARLY,
    (ExchangeState.ANSWERED_EARLY, RequestEnd): ExchangeState.RESPONDING,
    (ExchangeState.ANSWERED_EARLY, ResponseData): ExchangeState.ANSWERED_EARLY,
    (ExchangeState.ANSWERED_EARLY, ResponseEnd): ExchangeState.ENDED_EARLY,
    (ExchangeState.ANSWERED_EARLY, Broken): ExchangeState.ENDED,
    (ExchangeState.ENDED_EARLY, RequestData): ExchangeState.ENDED_EARLY,
    (ExchangeState.ENDED_EARLY, RequestEnd): ExchangeState.ENDED,
    (ExchangeState.ENDED_EARLY, Broken): ExchangeState.ENDED,
    (ExchangeState.RESPONDING, RequestData): ExchangeState.RESPONDING,
    (ExchangeState.RESPONDING, RequestEnd): ExchangeState.RESPONDING,
    (ExchangeState.RESPONDING, ResponseData): ExchangeState.RESPONDING,
    (ExchangeState.RESPONDING, SocketMessage): ExchangeState.RESPONDING,
    (ExchangeState.RESPONDING, ResponseEnd): ExchangeState.ENDED,
    (ExchangeState.RESPONDING, Broken): ExchangeState.ENDED,
}


class IllegalEvent(Exception):
    """An event that is not legal in the current state, which is a defect of the caller."""


class Assembly:
    """One exchange that is being recorded. When `state` is ENDED, no further event is legal.

    `largest_body` and `most_held` are the bounds that `LARGEST_BODY` and `MOST_HELD` describe, in bytes.
    """

    def __init__(
        self,
        exchange: model.RecordingExchange,
        head: RequestHead,
        *,
        largest_body: int = LARGEST_BODY,
        most_held: int = MOST_HELD,
    ) -> None:
        self.exchange = exchange
        self.state = ExchangeState.REQUEST_ARRIVING
        self._head = head
        self._largest_body = largest_body
        self._request_body = bytearray()
        self._missing = 0  # bytes of the request's body that no record has, and that no loss has counted yet
        self._decoder: BodyDecoder | None = None
        self._most_held = most_held
        self._held: list[ResponseHead | ResponseData | ResponseEnd] = []  # of a response that began early
        self._held_size = 0

    def feed(self, event: TrafficEvent) -> Sequence[model.AnyRecord]:
        """Return the records that are final after this event; raises IllegalEvent."""
        if isinstance(event, EventsLost):
            return [self._loss(event.at, event.reason, records=event.records, size=event.bytes)]
        before = self.state
        try:
            self.state = TRANSITIONS[before, type(event)]
        except KeyError:
            raise IllegalEvent(f"{type(event).__name__} in state {before.name}") from None
        match event:
            case RequestData():
                return self._request_data(event, before)
            case RequestEnd():
                return self._request_end(event, before)
            case Broken():
                return self._broken(event, before)
            case SocketMessage():
                return self._message(event)
            case ResponseHead() | ResponseData() | ResponseEnd():
                early = self.state in {ExchangeState.ANSWERED_EARLY, ExchangeState.ENDED_EARLY}
                return self._hold(event) if early else self._response_part(event)
            case _:
                return []

    def _request_data(self, event: RequestData, before: ExchangeState) -> Sequence[model.AnyRecord]:
        """Keep the data up to the bound; once the request is recorded, only count it."""
        recorded = before is ExchangeState.RESPONDING
        room = 0 if recorded else self._largest_body - len(self._request_body)
        self._request_body += event.data[:room]
        self._missing += max(0, len(event.data) - room)
        return []

    def _request_end(self, event: RequestEnd, before: ExchangeState) -> Sequence[model.AnyRecord]:
        match before:
            case ExchangeState.REQUEST_ARRIVING:
                return self._request(event.at)
            case ExchangeState.RESPONDING:
                return self._late_body_loss(event.at)
            case _:
                return self._release()

    def _broken(self, event: Broken, before: ExchangeState) -> Sequence[model.AnyRecord]:
        """Return all that is left, with the request as far as it has arrived."""
        match before:
            case ExchangeState.REQUEST_ARRIVING:
                return [*self._request(event.at), self._end(event.at, event.how, event.message)]
            case ExchangeState.ENDED_EARLY:
                remark = self._loss(event.at, "the request is not whole: its response was there before")
                *records, end = self._release()
                return [*records, remark, end]
            case _:
                held = self._release()
                end = self._end(event.at, event.how, event.message)
                return [*held, *self._late_body_loss(event.at), end]

    def _hold(self, event: ResponseHead | ResponseData | ResponseEnd) -> Sequence[model.AnyRecord]:
        """Hold back an event of a response whose request is still arriving, unless that becomes too much."""
        self._held.append(event)
        self._held_size += len(event.data) if isinstance(event, ResponseData) else 0
        if self._held_size <= self._most_held:
            return []
        self.state = ExchangeState.RESPONDING
        return self._release()

    def _release(self) -> Sequence[model.AnyRecord]:
        """Return the records of what was held back, the request first."""
        held, self._held = self._held, []
        request = self._request(held[0].at) if held else []
        return [*request, *(record for event in held for record in self._response_part(event))]

    def _response_part(self, event: ResponseHead | ResponseData | ResponseEnd) -> Sequence[model.AnyRecord]:
        match event:
            case ResponseHead():
                return [self._response(event)]
            case ResponseData():
                return self._chunk(event)
            case ResponseEnd():
                return [
                    *self._late_body_loss(event.at),
                    *self._excess(event.at),
                    self._end(event.at, "complete", trailers=event.trailers),
                ]

    def _request(self, at: int) -> Sequence[model.AnyRecord]:
        head = self._head
        encodings = ", ".join(values(head.headers, "content-encoding"))
        body, encoding = decode_whole(bytes(self._request_body), encodings, self._largest_body)
        self._request_body = bytearray()
        request = model.Request(
            exchange=self.exchange,
            at=at,
            method=head.method,
            url=head.url,
            http=head.http,
            headers=head.headers,
            body=body,
            encoding=encoding,
        )
        return [request, *self._missing_loss(at, "request body beyond the bound of a recording")]

    def _late_body_loss(self, at: int) -> Sequence[model.AnyRecord]:
        return self._missing_loss(at, "request body that came after the response had begun")

    def _missing_loss(self, at: int, reason: str) -> Sequence[model.AnyRecord]:
        """Return a loss for the bytes that were counted as missing, and count from zero again."""
        missing, self._missing = self._missing, 0
        return [self._loss(at, reason, records=1, size=missing)] if missing else []

    def _response(self, head: ResponseHead) -> model.Response:
        encoding = ", ".join(values(head.headers, "content-encoding"))
        self._decoder = decoder_for(encoding, self._largest_body)
        return model.Response(
            exchange=self.exchange,
            at=head.at,
            status=head.status,
            reason=head.reason,
            http=head.http,
            headers=head.headers,
            encoding=encoding if self._decoder else "",
        )

    def _chunk(self, event: ResponseData) -> Sequence[model.AnyRecord]:
        """Return the chunk, decoded; after data that cannot be decoded, chunks are recorded as they arrived."""
        if self._decoder is None:
            return [model.Chunk(exchange=self.exchange, at=event.at, data=event.data)]
        try:
            return [model.Chunk(exchange=self.exchange, at=event.at, data=self._decoder.feed(event.data))]
        except BrokenCoding as error:
            self._decoder = None
            reason = f"body is not in its content encoding ({error}); from here on it is as it came"
            return [
                self._loss(event.at, reason),
                model.Chunk(exchange=self.exchange, at=event.at, data=event.data),
            ]

    def _message(self, event: SocketMessage) -> Sequence[model.AnyRecord]:
        size = len(event.data)
        if size > self._largest_body:
            return [self._loss(event.at, "message beyond the bound of a recording", records=1, size=size)]
        return [
            model.WebSocketMessage(
                exchange=self.exchange, at=event.at, sender=event.sender, opcode=event.opcode, data=event.data
            )
        ]

    def _excess(self, at: int) -> Sequence[model.AnyRecord]:
        """Return a remark on bytes behind the coded body, which the client was to ignore and no record has."""
        excess = self._decoder.excess if self._decoder else 0
        return [self._loss(at, f"{excess} bytes behind the end of the content coding")] if excess else []

    def _loss(self, at: int, reason: str, *, records: int = 0, size: int = 0) -> model.Loss:
        return model.Loss(at=at, reason=reason, records=records, bytes=size, exchange=self.exchange)

    def _end(self, at: int, how: model.How, message: str = "", trailers: Headers = ()) -> model.End:
        return model.End(exchange=self.exchange, at=at, how=how, message=message, trailers=trailers)


def decode_whole(body: bytes, encoding: str, largest: int = LARGEST_BODY) -> tuple[bytes, str]:
    """Decode the whole body of a request; returns it and the content coding that was undone.

    A body that is not encoded, that cannot be decoded or that would have more than `largest` bytes is returned
    unchanged, with an empty coding.
    """
    decoder = decoder_for(encoding, largest)
    if decoder is None or not body:
        return body, ""
    try:
        return decoder.feed(body), encoding
    except BrokenCoding:
        return body, ""
