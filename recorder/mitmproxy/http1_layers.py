"""Layers of mitmproxy for HTTP/1 that pass on what its own refuse, and that a client without a proxy would get.

mitmproxy takes an interim response (1xx) for the response, ends with an error at trailers, reads responses more
strictly than curl does, and ends an early response only when its request has ended. `install` has it use the classes of
this module instead.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from types import ModuleType
from typing import Any, cast

import h11
from mitmproxy import flow, http
from mitmproxy.connection import ConnectionState
from mitmproxy.net.http import http1, status_codes
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.layers import http as layers
from mitmproxy.proxy.layers.http import _http1, _http2
from mitmproxy.proxy.layers.http._base import HttpEvent, ReceiveHttp
from mitmproxy.proxy.layers.http._events import (
    ErrorCode,
    RequestEndOfMessage,
    RequestProtocolError,
    RequestTrailers,
    ResponseData,
    ResponseEndOfMessage,
    ResponseHeaders,
    ResponseProtocolError,
    ResponseTrailers,
)
from mitmproxy.proxy.layers.http._hooks import HttpErrorHook

from foundation.clock import SYSTEM
from foundation.http.headers import Headers
from recorder import assembly
from recorder.http1.response_reader import InterimResponse, ResponseReader
from recorder.mitmproxy.failures import connection_failure
from recorder.mitmproxy.flow_conversion import origin_of

type Commands[Result] = Generator[commands.Command, Any, Result]


def install() -> None:
    """Have mitmproxy, in this process, use the layers of this module; doing it again changes nothing."""
    replacements: list[tuple[ModuleType, str, object]] = [
        (layers, "Http1Client", LenientHttp1Client),
        (layers, "Http1Server", LenientHttp1Server),
        (layers, "HttpStream", LenientHttpStream),
        (_http1, "make_error_response", error_response),
        (_http2, "format_error", error_text),
    ]
    for module, name, replacement in replacements:
        setattr(module, name, replacement)


class LenientHttp1Client(_http1.Http1Client):
    """The upstream's side of HTTP/1: responses are read by a `ResponseReader`."""

    _reader: ResponseReader | None = None
    _request_trailers: http.Headers | None = None

    def send(self, event: HttpEvent) -> layer.CommandGenerator[None]:
        """Send a part of the request; trailers wait for its end."""
        if isinstance(event, RequestTrailers):
            self._request_trailers = event.trailers
        elif isinstance(event, RequestEndOfMessage) and self._request_trailers and is_chunked(self.request):
            yield commands.SendData(self.conn, trailer_part(self._request_trailers))
            self._request_trailers = None
            yield from self.mark_done(request=True)
        else:
            yield from super().send(event)

    def read_headers(self, event: events.ConnectionEvent) -> layer.CommandGenerator[None]:
        """Begin to read the response when its first bytes arrive."""
        if isinstance(event, events.DataReceived) and self.request:
            self._reader = ResponseReader(self.request.method, upgrade="upgrade" in self.request.headers)
            self.state = self.read_body
            yield from self.read_body(event)
        else:
            yield from super().read_headers(event)

    def read_body(self, event: events.Event) -> layer.CommandGenerator[None]:
        """Read on in the response; when it has ended before its request, only the end of the connection matters."""
        reader = self._reader
        closed = isinstance(event, events.ConnectionClosed)
        if reader is not None:
            read = reader.close(0, "server-closed") if closed else reader.feed(self._take(), 0)
            for part in read:
                yield from self._pass_on(part, reader)
        elif closed:
            yield from self._fail("server closed connection")

    def _take(self) -> bytes:
        return bytes(self.buf.maybe_extract_at_most(len(self.buf)) or b"")

    def _pass_on(self, part: assembly.TrafficEvent, reader: ResponseReader) -> layer.CommandGenerator[None]:
        assert self.stream_id is not None
        match part:
            case InterimResponse():
                yield from self._pass_on_interim(part)
            case assembly.ResponseHead():
                self.response = response_of(part)
                ends = reader.head is not None and reader.head.framing == 0
                yield ReceiveHttp(ResponseHeaders(self.stream_id, self.response, ends))
            case assembly.ResponseData():
                yield ReceiveHttp(ResponseData(self.stream_id, part.data))
            case assembly.ResponseEnd():
                if part.trailers:
                    yield ReceiveHttp(ResponseTrailers(self.stream_id, fields(part.trailers)))
                yield ReceiveHttp(ResponseEndOfMessage(self.stream_id))
                self._reader = None
                self.buf += reader.rest
                yield from self.mark_done(response=True)
            case assembly.Broken():
                yield from self._fail(part.message or "server closed connection")

    def _pass_on_interim(self, part: InterimResponse) -> layer.CommandGenerator[None]:
        """Send an interim response to the client, past the flow, which has no place for it; HTTP/1.0 knows none."""
        assert self.request is not None
        assert self.stream_id is not None
        if self.request.http_version != "HTTP/1.0":
            head = assembly.ResponseHead(0, part.status, part.reason, "1.1", part.headers)
            yield layers.SendHttp(ResponseHeaders(self.stream_id, response_of(head)), self.context.client)

    def _fail(self, message: str) -> layer.CommandGenerator[None]:
        assert self.stream_id is not None
        self._reader = None
        if self.conn.state is not ConnectionState.CLOSED:
            yield commands.CloseConnection(self.conn)
        error = ResponseProtocolError(self.stream_id, message, ErrorCode.GENERIC_SERVER_ERROR)
        yield ReceiveHttp(error)


class LenientHttp1Server(_http1.Http1Server):
    """The client's side of HTTP/1: interim responses and trailers pass in both directions."""

    _response_trailers: http.Headers | None = None

    def send(self, event: HttpEvent) -> layer.CommandGenerator[None]:
        """Send a part of the response; trailers wait for its end, an interim head is not yet the response."""
        if isinstance(event, ResponseHeaders) and is_interim(event.response):
            yield commands.SendData(self.conn, http1.assemble_response_head(event.response))
        elif isinstance(event, ResponseTrailers):
            self._response_trailers = event.trailers
        elif isinstance(event, ResponseEndOfMessage) and self._response_trailers:
            trailers, self._response_trailers = self._response_trailers, None
            if is_chunked(self.response):
                yield commands.SendData(self.conn, trailer_part(trailers))
                yield from self.mark_done(response=True)
            else:
                yield from super().send(event)
        else:
            yield from super().send(event)

    def read_body(self, event: events.Event) -> layer.CommandGenerator[None]:
        """Read on in the body of the request, and pass its trailers on before its end."""
        if not isinstance(self.body_reader, TrailerReader):
            self.body_reader = cast(Any, TrailerReader(self.body_reader))
        reader = cast(TrailerReader, self.body_reader)
        for command in super().read_body(event):
            ends = isinstance(command, ReceiveHttp) and isinstance(command.event, RequestEndOfMessage)
            if ends and reader.trailers:
                yield ReceiveHttp(RequestTrailers(self.stream_id, reader.trailers))
            yield command


class TrailerReader:
    """Wraps a reader of h11 for a request's body, and keeps the trailers, at which mitmproxy would end in an error."""

    def __init__(self, reader: Any) -> None:
        self.trailers = http.Headers()
        self._reader = reader

    def __call__(self, buffer: Any) -> h11.Event | None:
        """Read the next part of the body; returns None when it has not arrived."""
        event: h11.Event | None = self._reader(buffer)
        if isinstance(event, h11.EndOfMessage) and event.headers:
            self.trailers = http.Headers(event.headers.raw_items())
            return h11.EndOfMessage()
        return event

    def read_eof(self) -> h11.Event:
        """Return the event for the end of the connection; raises h11.ProtocolError."""
        event: h11.Event = self._reader.read_eof()
        return event


class LenientHttpStream(layers.HttpStream):
    """One request and its response, between both sides."""

    _ended_early = False

    def check_invalid(self, request: bool) -> layer.CommandGenerator[bool]:
        """Check the request alone: a `ResponseReader`, or HTTP/2, has read one meaning in the response."""
        return (yield from super().check_invalid(True)) if request else False

    def send_response(self, already_streamed: bool = False) -> Commands[None]:
        """Send the response, and end it even if its request goes on."""
        yield from super().send_response(already_streamed)
        if self.client_state == self.state_stream_request_body and self.server_state == self.state_done:
            self._ended_early = True
            yield layers.SendHttp(ResponseEndOfMessage(self.stream_id), self.context.client)

    def flow_done(self) -> layer.CommandGenerator[None]:
        """Let the stream go once both messages have ended."""
        if self._ended_early:
            self.flow.live = False
            yield layers.DropStream(self.stream_id)
        else:
            yield from super().flow_done()

    def handle_protocol_error(
        self, event: RequestProtocolError | ResponseProtocolError
    ) -> layer.CommandGenerator[None]:
        """Tell the addons of a client that leaves after an early response, and say why an upstream was not reached."""
        if self._ended_early:
            self.flow.error = flow.Error(event.message)
            yield HttpErrorHook(self.flow)
        elif event.code is ErrorCode.CONNECT_FAILED:
            message = connection_failure(event.message, origin_of(self.flow.request))
            event = dataclasses.replace(event, message=message)
        yield from super().handle_protocol_error(event)


def response_of(head: assembly.ResponseHead) -> http.Response:
    """Return a response of mitmproxy's with this head, and without a body so far."""
    return http.Response(
        f"HTTP/{head.http}".encode(),
        head.status,
        head.reason.encode("latin-1"),
        fields(head.headers),
        None,
        None,
        SYSTEM.wall().timestamp(),
        None,
    )


def fields(headers: Headers) -> http.Headers:
    """Return headers as mitmproxy has them."""
    return http.Headers([(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers])


def is_interim(response: http.Response) -> bool:
    """Return whether a final response is still to come; 101 is final, because it ends HTTP."""
    return 100 <= response.status_code < 200 and response.status_code != 101


def is_chunked(message: http.Message | None) -> bool:
    """Return whether mitmproxy frames the body of a message in chunks."""
    return message is not None and "chunked" in message.headers.get("transfer-encoding", "").lower()


def trailer_part(trailers: http.Headers) -> bytes:
    """Return the last chunk, with trailers behind it (RFC 9112, 7.1.2)."""
    return b"0\r\n" + bytes(trailers) + b"\r\n"


def error_response(status: int, message: str = "") -> bytes:
    """Return a response of the proxy's own: one line of text."""
    text = error_text(status, message)
    reason = status_codes.RESPONSES.get(status, "")
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(text)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + text


def error_text(_status: int, message: str) -> bytes:
    """Return a line for a client that names the proxy and the reason why it has no response."""
    return " ".join(f"chatreel: {message}".split()).encode("utf-8", "replace") + b"\n"
