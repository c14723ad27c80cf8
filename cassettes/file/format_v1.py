"""Version 1 of the file format: one record to one line of JSON and back.

The wire shapes here are apart from the model, so that a later version adds a module, not conditions. Bytes
are a string when they are UTF-8 and `{"base64": ...}` when they are not. Fields and kinds that this version
does not know are kept in `extra` and written again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from cassettes import model
from foundation.http.headers import Headers

VERSION = 1

LARGEST_TEXT = 16 << 20
"""Bytes that are written as text at most: JSON escapes a byte with up to six characters, which base64 never needs."""


class NotARecord(Exception):
    """A line is not a record; `expected` and `found` say why, for a person to read."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.expected = expected
        self.found = found


class Base64(msgspec.Struct, forbid_unknown_fields=True):
    """Bytes that are not UTF-8, on disk."""

    base64: bytes


type Octets = str | Base64
type Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
type ExchangeNumber = Annotated[model.RecordingExchange, msgspec.Meta(ge=0, le=2**63 - 1)]
type Status = Annotated[int, msgspec.Meta(ge=100, le=999)]


class Line(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind"):
    """The shape of one line; its `kind` is the class's tag."""


class RequestLine(Line, tag="request"):
    """`model.Request` on disk."""

    exchange: ExchangeNumber
    at: Count
    method: str
    url: str
    http: str
    headers: Headers
    body: Octets = ""
    encoding: str = ""


class ResponseLine(Line, tag="response"):
    """`model.Response` on disk."""

    exchange: ExchangeNumber
    at: Count
    status: Status
    reason: str
    headers: Headers
    http: str = "1.1"
    encoding: str = ""


class ChunkLine(Line, tag="chunk"):
    """`model.Chunk` on disk."""

    exchange: ExchangeNumber
    at: Count
    data: Octets


class MessageLine(Line, tag="message"):
    """`model.WebSocketMessage` on disk."""

    exchange: ExchangeNumber
    at: Count
    sender: model.Sender
    opcode: Annotated[int, msgspec.Meta(ge=0, le=15)]
    data: Octets


class EndLine(Line, tag="end"):
    """`model.End` on disk."""

    exchange: ExchangeNumber
    at: Count
    how: model.How
    message: str = ""
    trailers: Headers = ()


class LossLine(Line, tag="loss"):
    """`model.Loss` on disk."""

    at: Count
    reason: str
    records: Count = 0
    bytes: Count = 0
    exchange: ExchangeNumber | None = None


class HeaderLine(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`model.Header` on disk; it has no `kind`."""

    chatreel: Annotated[int, msgspec.Meta(ge=1, le=VERSION)]
    created: str
    recorder: str
    upstream: str = ""


type AnyLine = RequestLine | ResponseLine | ChunkLine | MessageLine | EndLine | LossLine
LINES: dict[str, type[AnyLine]] = {
    "request": RequestLine,
    "response": ResponseLine,
    "chunk": ChunkLine,
    "message": MessageLine,
    "end": EndLine,
    "loss": LossLine,
}

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for a line that is not JSON or does not have the wanted shape."""

_decode_line = msgspec.json.Decoder(AnyLine).decode
_decode_any = msgspec.json.Decoder().decode
_encode_any = msgspec.json.Encoder().encode
_encode_lines = msgspec.json.Encoder().encode_lines


def decode(line: bytes) -> model.AnyRecord:
    """The record on a line, without its line end; raises NotARecord."""
    try:
        return _to_model(_decode_line(line), model.EMPTY)
    except UNREADABLE:
        return _decode_slowly(line)


def encode(records: Iterable[model.AnyRecord]) -> bytes:
    """The lines of some records, each with its line end."""
    return _encode_lines([_to_line(record) for record in records])


def to_fields(record: model.AnyRecord) -> dict[str, Any]:
    """A record as the JSON object of its line."""
    fields = _decode_any(encode([record]))
    assert isinstance(fields, dict)
    return fields


def from_fields(fields: dict[str, Any]) -> model.AnyRecord:
    """The record that a JSON object stands for, also one of an unknown kind or with unknown fields.

    Raises NotARecord.
    """
    if "chatreel" in fields:
        return _header(fields)
    kind = fields.get("kind")
    if not isinstance(kind, str):
        raise NotARecord('an object with "chatreel" or "kind"', excerpt(_encode_any(fields)))
    if kind not in LINES:
        return model.Unknown(kind=kind, extra={name: fields[name] for name in fields if name != "kind"})
    known, extra = _split(fields, ("kind", *LINES[kind].__struct_fields__))
    return _to_model(_convert(known, LINES[kind]), extra)


def _decode_slowly(line: bytes) -> model.AnyRecord:
    """Decode a line that does not have the common shape; raises NotARecord with the reason why it is no record."""
    try:
        fields = _decode_any(line)
    except UNREADABLE as error:
        raise NotARecord("a record in JSON", f"{excerpt(line)} ({error})") from None
    if not isinstance(fields, dict):
        raise NotARecord("a JSON object", excerpt(line))
    return from_fields(fields)


def _header(fields: dict[str, Any]) -> model.Header:
    version = fields["chatreel"]
    if isinstance(version, int) and version > VERSION:
        raise NotARecord(f"format version {VERSION} or older", f"version {version} (update Chatreel)")
    known, extra = _split(fields, HeaderLine.__struct_fields__)
    line = _convert(known, HeaderLine)
    return model.Header(
        version=line.chatreel,
        created=line.created,
        recorder=line.recorder,
        upstream=line.upstream,
        extra=extra,
    )


def _split(fields: dict[str, Any], names: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields with these names, and the others."""
    known = {name: value for name, value in fields.items() if name in names}
    return known, {name: value for name, value in fields.items() if name not in names}


def _convert[Shape: msgspec.Struct](fields: dict[str, Any], shape: type[Shape]) -> Shape:
    try:
        return msgspec.convert(fields, shape)
    except msgspec.ValidationError as error:
        what = f"a record of kind {fields['kind']!r}" if "kind" in fields else "the header of a recording"
        raise NotARecord(what, str(error)) from None


def _to_model(line: AnyLine, extra: dict[str, Any] | Any) -> model.AnyRecord:
    match line:
        case ChunkLine():
            return model.Chunk(exchange=line.exchange, at=line.at, data=_octets(line.data), extra=extra)
        case RequestLine():
            return model.Request(
                exchange=line.exchange,
                at=line.at,
                method=line.method,
                url=line.url,
                http=line.http,
                headers=octet_text(line.headers),
                body=_octets(line.body),
                encoding=line.encoding,
                extra=extra,
            )
        case ResponseLine():
            return model.Response(
                exchange=line.exchange,
                at=line.at,
                status=line.status,
                reason=line.reason,
                headers=octet_text(line.headers),
                http=line.http,
                encoding=line.encoding,
                extra=extra,
            )
        case MessageLine():
            return model.WebSocketMessage(
                exchange=line.exchange,
                at=line.at,
                sender=line.sender,
                opcode=line.opcode,
                data=_octets(line.data),
                extra=extra,
            )
        case EndLine():
            return model.End(
                exchange=line.exchange,
                at=line.at,
                how=line.how,
                message=line.message,
                trailers=line.trailers,
                extra=extra,
            )
        case LossLine():
            return model.Loss(
                at=line.at,
                reason=line.reason,
                records=line.records,
                bytes=line.bytes,
                exchange=line.exchange,
                extra=extra,
            )


def _to_line(record: model.AnyRecord) -> msgspec.Struct | dict[str, Any]:
    line: AnyLine | HeaderLine
    match record:
        case model.Chunk():
            line = ChunkLine(record.exchange, record.at, _text(record.data))
        case model.Request():
            line = RequestLine(
                record.exchange,
                record.at,
                record.method,
                record.url,
                record.http,
                record.headers,
                _text(record.body),
                record.encoding,
            )
        case model.Response():
            line = ResponseLine(
                record.exchange,
                record.at,
                record.status,
                record.reason,
                record.headers,
                record.http,
                record.encoding,
            )
        case model.WebSocketMessage():
            line = MessageLine(record.exchange, record.at, record.sender, record.opcode, _text(record.data))
        case model.End():
            line = EndLine(record.exchange, record.at, record.how, record.message, record.trailers)
        case model.Loss():
            line = LossLine(record.at, record.reason, record.records, record.bytes, record.exchange)
        case model.Header():
            line = HeaderLine(record.version, record.created, record.recorder, record.upstream)
        case model.Unknown():
            return {"kind": record.kind, **record.extra}
    return {**msgspec.to_builtins(line), **record.extra} if record.extra else line


def _text(data: bytes) -> Octets:
    if len(data) > LARGEST_TEXT:
        return Base64(data)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return Base64(data)


def octet_text(headers: Headers) -> Headers:
    """Return headers as ISO-8859-1 text; what a person wrote beyond that stands for its bytes in UTF-8."""
    if all(name.isascii() and value.isascii() for name, value in headers):
        return headers
    return tuple((_latin_1(name), _latin_1(value)) for name, value in headers)


def _latin_1(text: str) -> str:
    return text if max(text, default="") <= "\xff" else text.encode().decode("latin-1")


def _octets(data: Octets) -> bytes:
    return data.encode() if isinstance(data, str) else data.base64


def excerpt(line: bytes) -> str:
    """The beginning of a line, for an error message."""
    shown = line[:60].decode("utf-8", "replace")
    return repr(shown) if len(line) <= 60 else f"{shown!r}..."
