"""Assembles the records of one exchange from what is seen of it, sans-IO.

An exchange is fed events in the order of the wire; each gives the records that it makes sure. The table
below holds every legal transition; an event that has no row is a defect of the caller.

                 request      request      response     response    response
                 data         end          head         data        end         broken
    ASKING       ASKING       ASKED        ANSWERING    -           -           ENDED
    ASKED        -            -            ANSWERING    -           -           ENDED
    ANSWERING    ANSWERING    ANSWERING    -            ANSWERING   ENDED       ENDED

A request is recorded when it is whole, or when its answer begins before that: then with what had arrived.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

import msgspec

from cassettes import model
from foundation.http.headers import Headers, values
from recorder.content_coding import BodyDecoder, BrokenCoding, decoder_for

LARGEST_BODY = 16 << 20
"""Bytes of a request's body that are recorded, and of a chunk that was unpacked: with every byte escaped, they
still make a line that readers take."""


class TrafficEvent(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Something seen of an exchange, `at` microseconds since the recording began."""

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
    """The request is whole."""


class ResponseHead(TrafficEvent, frozen=True):
    """The status line and the headers of the response."""

    status: int
    reason: str
    http: str
    headers: Headers


class ResponseData(TrafficEvent, frozen=True):
    """Bytes of the response's body, as they arrived."""

    data: bytes


class ResponseEnd(TrafficEvent, frozen=True):
    """The response is whole."""


class Broken(TrafficEvent, frozen=True):
    """The exchange ended before its time."""

    how: model.How
    message: str = ""


class Missed(TrafficEvent, frozen=True):
    """Events that were seen but could not be kept."""

    records: int
    bytes: int
    reason: str


type AnyEvent = (
    RequestHead | RequestData | RequestEnd | ResponseHead | ResponseData | ResponseEnd | Broken | Missed
)


class ExchangeState(enum.IntEnum):
    """Where an exchange is. (An integer is hashed a good deal faster than another enum.)"""

    ASKING = enum.auto()
    ASKED = enum.auto()
    ANSWERING = enum.auto()
    ENDED = enum.auto()


TRANSITIONS: dict[tuple[ExchangeState, type[TrafficEvent]], ExchangeState] = {
    (ExchangeState.ASKING, RequestData): ExchangeState.ASKING,
    (ExchangeState.ASKING, RequestEnd): ExchangeState.ASKED,
    (ExchangeState.ASKING, ResponseHead): ExchangeState.ANSWERING,
    (ExchangeState.ASKING, Broken): ExchangeState.ENDED,
    (ExchangeState.ASKED, ResponseHead): ExchangeState.ANSWERING,
    (ExchangeState.ASKED, Broken): ExchangeState.ENDED,
    (ExchangeState.ANSWERING, RequestData): ExchangeState.ANSWERING,
    (ExchangeState.ANSWERING, RequestEnd): ExchangeState.ANSWERING,
    (ExchangeState.ANSWERING, ResponseData): ExchangeState.ANSWERING,
    (ExchangeState.ANSWERING, ResponseEnd): ExchangeState.ENDED,
    (ExchangeState.ANSWERING, Broken): ExchangeState.ENDED,
}


class IllegalEvent(Exception):
    """An event that cannot happen now: a defect of whoever feeds the assembly."""


class Assembly:
    """One exchange under way. Once `state` is ENDED, it takes nothing more."""

    def __init__(self, exchange: model.RecordingExchange, head: RequestHead) -> None:
        self.exchange = exchange
        self.state = ExchangeState.ASKING
        self._head = head
        self._request_body = bytearray()
        self._missing = 0  # bytes of the request's body that are not recorded
        self._decoder: BodyDecoder | None = None

    def feed(self, event: TrafficEvent) -> Sequence[model.AnyRecord]:
        """The records that an event makes sure; raises IllegalEvent."""
        if isinstance(event, Missed):
            return [self._loss(event.at, event.reason, records=event.records, size=event.bytes)]
        before = self.state
        try:
            self.state = TRANSITIONS[before, type(event)]
        except KeyError:
            raise IllegalEvent(f"{type(event).__name__} in state {before.name}") from None
        match event:
            case ResponseData():
                return self._chunk(event)
            case RequestData():
                return self._request_data(event, before)
            case RequestEnd():
                return (
                    self._request(event.at) if before is ExchangeState.ASKING else self._late_body(event.at)
                )
            case ResponseHead():
                return [*self._request_before(event, before), self._response(event)]
            case ResponseEnd():
                return [*self._late_body(event.at), self._end(event.at, "complete")]
            case Broken():
                request = self._request_before(event, before)
                end = self._end(event.at, event.how, event.message)
                return [*request, *self._late_body(event.at), end]
            case _:
                return []

    def _request_data(self, event: RequestData, before: ExchangeState) -> Sequence[model.AnyRecord]:
        """Data that comes once the response has begun is behind the request's record, so it is only counted."""
        room = LARGEST_BODY - len(self._request_body) if before is ExchangeState.ASKING else 0
        self._request_body += event.data[:room]
        self._missing += max(0, len(event.data) - room)
        return []

    def _request_before(self, event: TrafficEvent, before: ExchangeState) -> Sequence[model.AnyRecord]:
        """The request as it stands, where what comes now does not wait for its end."""
        return self._request(event.at) if before is ExchangeState.ASKING else []

    def _request(self, at: int) -> Sequence[model.AnyRecord]:
        head = self._head
        encodings = ", ".join(values(head.headers, "content-encoding"))
        body, encoding = decode_whole(bytes(self._request_body), encodings)
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
        return [request, *self._missing_body(at, "request body beyond the bound of a recording")]

    def _late_body(self, at: int) -> Sequence[model.AnyRecord]:
        return self._missing_body(at, "request body that came after the response had begun")

    def _missing_body(self, at: int, reason: str) -> Sequence[model.AnyRecord]:
        missing, self._missing = self._missing, 0
        return [self._loss(at, reason, records=1, size=missing)] if missing else []

    def _response(self, head: ResponseHead) -> model.Response:
        encoding = ", ".join(values(head.headers, "content-encoding"))
        self._decoder = decoder_for(encoding, LARGEST_BODY)
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

    def _loss(self, at: int, reason: str, *, records: int = 0, size: int = 0) -> model.Loss:
        return model.Loss(at=at, reason=reason, records=records, bytes=size, exchange=self.exchange)

    def _end(self, at: int, how: model.How, message: str = "") -> model.End:
        return model.End(exchange=self.exchange, at=at, how=how, message=message)


def decode_whole(body: bytes, encoding: str) -> tuple[bytes, str]:
    """A request's body decoded, and the coding it was decoded from; as it came when that cannot be done."""
    decoder = decoder_for(encoding, LARGEST_BODY)
    if decoder is None or not body:
        return body, ""
    try:
        return decoder.feed(body), encoding
    except BrokenCoding:
        return body, ""
