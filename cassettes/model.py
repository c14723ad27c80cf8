"""What a recording is: the records of a cassette, free of how they are written down.

A cassette is a sequence of records in the order in which things happened. Every record but the header
carries `at`: microseconds (integer) since the recording began, on a monotonic clock, stamped where the bytes
arrived. Bytes are what was on the wire, decoded from their content encoding; events, jobs, sessions and
tokens are computed from them and never stored.

Header names and values are text in ISO-8859-1 (RFC 9110, 5.5), so that every byte survives; their order,
case and repeats are those of the wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NewType, get_args

import msgspec

from foundation.http.headers import Headers

type How = Literal["complete", "client-closed", "server-closed", "reset", "error", "unfinished"]
"""How an exchange ended."""

type Sender = Literal["client", "server"]
"""Who sent a message of WebSocket."""

HOWS: tuple[str, ...] = get_args(How.__value__)

RecordingExchange = NewType("RecordingExchange", int)
"""Counts the exchanges of one recording, from 0, as its records name them."""

CassetteExchange = NewType("CassetteExchange", int)
"""Counts the exchanges of a cassette, from 0, in the order of their requests; it can hold several recordings."""

EMPTY: Mapping[str, Any] = {}


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What every record has: `extra` keeps the fields of a later version that this one does not know."""

    extra: Mapping[str, Any] = EMPTY


class Header(Record, frozen=True, kw_only=True):
    """The first record of a recording. A second header in a file begins a second recording.

    `created` is UTC in ISO 8601, `upstream` the origin that was recorded, empty for a forward proxy.
    """

    version: int
    created: str
    recorder: str
    upstream: str = ""


class Request(Record, frozen=True, kw_only=True):
    """A request, once it had arrived whole; `at` is the time of its last byte.

    `url` is absolute; `http` is the version, "1.1"; `body` is decoded when `encoding` names a content coding.
    """

    exchange: RecordingExchange
    at: int
    method: str
    url: str
    http: str
    headers: Headers
    body: bytes = b""
    encoding: str = ""


class Response(Record, frozen=True, kw_only=True):
    """The status line and headers of a response; `encoding` is the coding its chunks were decoded from."""

    exchange: RecordingExchange
    at: int
    status: int
    reason: str
    headers: Headers
    http: str = "1.1"
    encoding: str = ""


class Chunk(Record, frozen=True, kw_only=True):
    """Bytes of a response's body, as they arrived at once."""

    exchange: RecordingExchange
    at: int
    data: bytes


class WebSocketMessage(Record, frozen=True, kw_only=True):
    """A message of WebSocket (RFC 6455, 5.6), put together from its frames and unpacked.

    `opcode` is 1 for text, 2 for binary data and 8 for the end, whose `data` is as in its frame: two bytes of a code,
    then the reason.
    """

    exchange: RecordingExchange
    at: int
    sender: Sender
    opcode: int
    data: bytes


class End(Record, frozen=True, kw_only=True):
    """How an exchange ended; `message` says more for "error". `trailers` are headers behind the response's body."""

    exchange: RecordingExchange
    at: int
    how: How
    message: str = ""
    trailers: Headers = ()


class Loss(Record, frozen=True, kw_only=True):
    """Something that could not be recorded: how many records and bytes, and why. With zero counts it is a remark."""

    at: int
    reason: str
    records: int = 0
    bytes: int = 0
    exchange: RecordingExchange | None = None


class Unknown(Record, frozen=True, kw_only=True):
    """A record of a kind that this version does not know; `extra` holds all its fields but the kind."""

    kind: str


type AnyRecord = Header | Request | Response | Chunk | WebSocketMessage | End | Loss | Unknown


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One request and what came back, put together from its records.

    `number` is its place in the cassette, from 0. `response` is None when none was seen. A recording that
    stopped first gives `end.how == "unfinished"`. Empty `losses` means that every byte is there. `messages` are those
    of the WebSocket that it became.
    """

    number: CassetteExchange
    request: Request
    response: Response | None
    chunks: tuple[Chunk, ...]
    end: End
    losses: tuple[Loss, ...] = ()
    messages: tuple[WebSocketMessage, ...] = ()

    @property
    def body(self) -> bytes:
        """The response's whole body, decoded."""
        return b"".join(chunk.data for chunk in self.chunks)
