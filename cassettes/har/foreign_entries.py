"""Makes the records of a HAR entry that another program wrote, as far as its fields tell.

A browser notes when the events of a stream came, in `_eventSourceMessages`: each is a chunk then. Otherwise the
body is one chunk, at the time when all of it had come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote, urldefrag, urlencode

from cassettes import model
from cassettes.framings import sse
from cassettes.framings.event import Event
from cassettes.framings.recognition import EVENT_STREAM
from cassettes.har.extras import request_body, response_body
from cassettes.har.schema import HarEntry, HarField, HarMessage, HarRequest, HarResponse, Timings
from foundation import walltime
from foundation.http.headers import Headers, bodiless, media_type, values

LARGEST = 16 << 20
"""Bytes of a request's body, and of one chunk, as in a recording."""

LONGEST = 10**15
"""Microseconds that a phase can last: more is no measurement."""

LATEST = walltime.LAST / 1_000_000
MISSING = "the HAR file has no content for this response"
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
CODINGS = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd"})  # that browsers undo
VERSIONS = {"h2": "2", "http/2.0": "2", "h3": "3", "http/3.0": "3", "": "1.1", "unknown": "1.1"}

ENDINGS: dict[str, model.How] = {
    "ERR_ABORTED": "client-closed",
    "NS_BINDING_ABORTED": "client-closed",
    "ERR_CONNECTION_RESET": "reset",
    "ERR_CONNECTION_CLOSED": "server-closed",
    "ERR_EMPTY_RESPONSE": "server-closed",
    "ERR_INCOMPLETE_CHUNKED_ENCODING": "server-closed",
    "ERR_CONTENT_LENGTH_MISMATCH": "server-closed",
}
"""Errors of browsers that say how an exchange ended."""


def rebuild(entry: HarEntry, exchange: model.RecordingExchange, at: int) -> Iterator[model.AnyRecord]:
    """The records of an entry that began at `at`; raises ValueError for invalid base64."""
    timings = entry.timings or Timings()
    requested = at + sum(map(_micros, (timings.blocked, timings.dns, timings.connect, timings.send)))
    responded = requested + _micros(timings.wait)
    ended = max(responded + _micros(timings.receive), at + _micros(entry.time))
    yield from _request(entry.request, exchange, requested)
    response = entry.response
    if response is None or (response.status or 0) <= 0:
        why = (response.error if response else None) or "there is no response in the HAR file"
        yield _end(exchange, ended, why)
        return
    media, head = _response(response, exchange, responded)
    yield head
    zero = walltime.parse(entry.started) - at
    chunks = list(_chunks(entry, response, media == EVENT_STREAM, zero, ended))
    yield from (model.Chunk(exchange=exchange, at=max(responded, one), data=data) for one, data in chunks)
    last = max([ended, *(one for one, _ in chunks)])
    if not chunks and not bodiless(entry.request.method, head.status) and _is_missing(response):
        yield model.Loss(at=last, reason=MISSING, records=1, bytes=_announced(response), exchange=exchange)
    yield _end(exchange, last, response.error)


def connect_within_wait(entry: HarEntry) -> None:
    """Drop the time to connect from an entry of mitmproxy's, which counts it in the time to wait as well."""
    entry.time = None
    if entry.timings is not None:
        entry.timings.connect = None


def _request(request: HarRequest, exchange: model.RecordingExchange, at: int) -> Iterator[model.AnyRecord]:
    body = _request_body(request)
    yield model.Request(
        exchange=exchange,
        at=at,
        method=request.method,
        url=quote(urldefrag(request.url).url, safe=PRINTABLE),
        http=_version(request.http_version),
        headers=_headers(request.headers),
        body=body[:LARGEST],
    )
    if len(body) > LARGEST:
        reason = "request body beyond the bound of a recording"
        yield model.Loss(at=at, reason=reason, records=1, bytes=len(body) - LARGEST, exchange=exchange)


def _request_body(request: HarRequest) -> bytes:
    """The bytes of a request's body; a form of which the entry has only the parameters is encoded anew."""
    data = request.post_data
    if data is None or data.text or not data.params or "multipart" in (data.mime_type or ""):
        return request_body(request)
    return urlencode([(pair.name, pair.value or "") for pair in data.params]).encode()


def _response(
    response: HarResponse, exchange: model.RecordingExchange, at: int
) -> tuple[str, model.Response]:
    """The media type and the record; HAR holds content decoded from the content coding that the headers name."""
    headers = _headers(response.headers)
    codings = [one.strip() for value in values(headers, "content-encoding") for one in value.split(",")]
    return media_type(headers), model.Response(
        exchange=exchange,
        at=at,
        status=min(max(response.status or 0, 100), 999),
        reason=_octets(response.status_text or ""),
        http=_version(response.http_version),
        headers=headers,
        encoding=", ".join(codings) if CODINGS.issuperset(map(str.lower, codings)) else "",
    )


def _chunks(
    entry: HarEntry, response: HarResponse, stream: bool, zero: int, ended: int
) -> Iterator[tuple[int, bytes]]:
    """The chunks of a body, each with its time; `zero` is when the recording began, since 1970."""
    body = response_body(response)
    messages = entry.messages if stream else None
    if messages:
        yield from _of_messages(body, messages, zero, ended)
        return
    for begin in range(0, len(body), LARGEST):
        yield ended, body[begin : begin + LARGEST]


def _of_messages(
    body: bytes, messages: list[HarMessage], zero: int, ended: int
) -> Iterator[tuple[int, bytes]]:
    """One chunk for each event, at the event's time; times never go back.

    The bytes come from the body when it holds as many events, else the events are written anew. What follows the last
    event in the body is a chunk at the end.
    """
    blocks = list(_blocks(body))
    if len(blocks) < len(messages):
        body, blocks = b"", list(_written(messages))
    at = written = 0
    for message, block in zip(messages, blocks, strict=False):
        arrived = round(min(max(message.time or 0, 0), LATEST) * 1_000_000)
        at, written = max(at, arrived - zero), written + len(block)
        yield at, block
    if written < len(body):
        yield max(at, ended), body[written:]


def _blocks(body: bytes) -> Iterator[bytes]:
    """Cut a stream behind each event that a browser delivers."""
    decoder, begin, end = sse.Decoder(), 0, 0
    for line in body.splitlines(keepends=True):
        end += len(line)
        if any(event.dispatched for event in decoder.feed(line)):
            yield body[begin:end]
            begin = end


def _written(messages: Iterable[HarMessage]) -> Iterator[bytes]:
    """The events as a server would have written them; an id is written where it changes."""
    last = ""
    for message in messages:
        new = message.id or ""
        event = Event(type=message.name or "message", data=message.data or "", id="" if new == last else new)
        yield sse.encode(event)
        last = new


def _headers(pairs: list[HarField] | None) -> Headers:
    """The headers without HTTP/2's pseudo headers; values that a browser joined by LF become headers of their own."""
    return tuple(
        (_octets(pair.name), _octets(value.strip()))
        for pair in pairs or ()
        if not pair.name.startswith(":")
        for value in (pair.value or "").split("\n")
    )


def _octets(text: str) -> str:
    """Text as a cassette has it, in ISO-8859-1; text that a browser had decoded as UTF-8 is encoded again."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode().decode("latin-1")
    return text


def _version(name: str | None) -> str:
    lower = (name or "").lower()
    return VERSIONS.get(lower, lower.removeprefix("http/"))


def _end(exchange: model.RecordingExchange, at: int, error: str | None) -> model.End:
    if not error:
        return model.End(exchange=exchange, at=at, how="complete")
    how = ENDINGS.get(error.removeprefix("net::"), "error")
    return model.End(exchange=exchange, at=at, how=how, message=error if how == "error" else "")


def _is_missing(response: HarResponse) -> bool:
    """Tells whether an entry without content does not say that there was none, by one of its sizes."""
    content = response.content
    if content is not None and content.text == "" and not content.size:
        return False
    size = content.size if content is not None else None
    return (response.body_size if size is None else size) != 0


def _announced(response: HarResponse) -> int:
    """The size of the content in bytes that the entry names, whether the content is there or not; 0 for none."""
    size = (response.content.size if response.content else None) or response.body_size or 0
    return round(min(max(size, 0), LONGEST))


def _micros(milliseconds: float | None) -> int:
    """The microseconds of a phase; zero where it did not apply."""
    return round(min(max(milliseconds or 0, 0) * 1000, LONGEST))
