"""Records the traffic that passes through mitmproxy to a cassette.

Embedded by `chatreel record`, and under plain mitmproxy:

    mitmdump -s "$(chatreel addon record)" --set chatreel_out=incident.jsonl
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from mitmproxy import ctx, http
from mitmproxy.addonmanager import Loader
from wsproto.frame_protocol import CloseReason, Opcode

from addons.endings import how_it_broke
from addons.reverse import Forward, rewrite_for_client, take_client_origin
from cassettes.model import How, RecordingExchange, Sender
from foundation.clock import SYSTEM
from foundation.errors import ChatreelError
from foundation.printable import one_line
from recorder.assembly import (
    AnyEvent,
    Broken,
    EventsLost,
    RequestData,
    RequestEnd,
    ResponseData,
    ResponseEnd,
    SocketMessage,
)
from recorder.mitmproxy.failures import connection_failure
from recorder.mitmproxy.flow_conversion import origin_of, request_head, response_head, text, url_of
from recorder.mitmproxy.http1_layers import error_text, install
from recorder.open_recording import open_recording
from recorder.recorder import Recorder

EXCHANGE = "chatreel-exchange"

logger = logging.getLogger(__name__)


class Observer(Protocol):
    """What a `RecordAddon` reports exchanges to, such as a recorder. Its methods never block."""

    def at(self) -> int:
        """Return the microseconds since it began."""
        ...

    def begin(self) -> RecordingExchange:
        """Begin an exchange and return its number."""
        ...

    def see(self, exchange: RecordingExchange, event: AnyEvent) -> None:
        """Take an event of an exchange."""
        ...


class RecordAddon:
    """Reports each exchange to an observer, while mitmproxy forwards every byte at once.

    Exchanges for which `wanted(url)` is false are forwarded without being reported. A request that another addon
    responds to does not reach the chatbot, and is not reported either.
    """

    def __init__(self, recorder: Observer, wanted: Callable[[str], bool] = lambda _url: True) -> None:
        install()
        self._recorder = recorder
        self._wanted = wanted
        self._failures: dict[str, str] = {}  # the last of each origin that was reported

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Begin an exchange; mitmproxy calls this when the head of a request has arrived."""
        if flow.response or flow.error:  # another addon has responded to it, or mitmproxy has refused it
            return
        take_client_origin(flow)
        flow.request.stream = True
        if not self._wanted(url_of(flow.request)):
            return
        recorder = self._recorder
        exchange = flow.metadata[EXCHANGE] = recorder.begin()
        recorder.see(exchange, request_head(flow.request, recorder.at()))
        leave_expectation(flow)

        def tap(data: bytes) -> bytes:
            if data:
                recorder.see(exchange, RequestData(recorder.at(), data))
            return data

        flow.request.stream = tap

    def request(self, flow: http.HTTPFlow) -> None:
        """Report the end of a request."""
        if EXCHANGE in flow.metadata:
            self._recorder.see(flow.metadata[EXCHANGE], RequestEnd(self._recorder.at()))

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Report the head of a response, and set the function through which its body is streamed."""
        response, recorder = flow.response, self._recorder
        assert response is not None
        if response.raw_content is not None:  # it has its body already, so it comes from another addon
            self._abandon(flow, "answered by another addon")
            return
        if EXCHANGE in flow.metadata:
            recorder.see(flow.metadata[EXCHANGE], response_head(response, recorder.at()))
        self._failures.pop(origin_of(flow.request), None)
        forward = rewrite_for_client(flow)
        response.stream = self._tap(flow, forward) if EXCHANGE in flow.metadata else forward or True

    def _abandon(self, flow: http.HTTPFlow, why: str) -> None:
        exchange = flow.metadata.pop(EXCHANGE, None)
        if exchange is not None:
            self._recorder.see(exchange, Broken(self._recorder.at(), "error", why))

    def _tap(self, flow: http.HTTPFlow, forward: Forward | None) -> Forward:
        """Return the function that reports each piece of a body, and passes it through `forward`."""
        recorder, exchange = self._recorder, flow.metadata[EXCHANGE]

        def tap(data: bytes) -> bytes | Iterable[bytes]:
            if data:
                recorder.see(exchange, ResponseData(recorder.at(), data))
            return forward(data) if forward else data

        return tap

    def response(self, flow: http.HTTPFlow) -> None:
        """Report the end of a response; a WebSocket goes on behind its head, and of other protocols nothing is seen."""
        if EXCHANGE in flow.metadata and flow.websocket is None:
            assert flow.response is not None
            if flow.response.status_code == 101:
                self._remark(flow, "what followed in another protocol is not recorded")
            trailers = text(flow.response.trailers) if flow.response.trailers else ()
            self._recorder.see(flow.metadata[EXCHANGE], ResponseEnd(self._recorder.at(), trailers))

    def websocket_message(self, flow: http.HTTPFlow) -> None:
        """Report a message of a WebSocket; mitmproxy has passed it on, or is about to."""
        assert flow.websocket is not None
        message = flow.websocket.messages[-1]
        if EXCHANGE in flow.metadata:
            self._see_message(
                flow, from_client=message.from_client, opcode=message.type, data=message.content
            )
        if not ctx.options.store_streamed_bodies:
            del flow.websocket.messages[:-1]  # mitmproxy would keep them all

    def websocket_end(self, flow: http.HTTPFlow) -> None:
        """Report the end of a WebSocket."""
        socket = flow.websocket
        assert socket is not None
        if EXCHANGE not in flow.metadata:
            return
        exchange = flow.metadata[EXCHANGE]
        if socket.close_code == CloseReason.ABNORMAL_CLOSURE:
            how: How = "client-closed" if socket.closed_by_client else "server-closed"
            self._recorder.see(exchange, Broken(self._recorder.at(), how))
            return
        data = close_data(socket.close_code, socket.close_reason)
        self._see_message(flow, from_client=bool(socket.closed_by_client), opcode=Opcode.CLOSE, data=data)
        self._recorder.see(exchange, ResponseEnd(self._recorder.at()))

    def _see_message(self, flow: http.HTTPFlow, *, from_client: bool, opcode: int, data: bytes) -> None:
        sender: Sender = "client" if from_client else "server"
        message = SocketMessage(self._recorder.at(), sender, int(opcode), data)
        self._recorder.see(flow.metadata[EXCHANGE], message)

    def _remark(self, flow: http.HTTPFlow, why: str) -> None:
        self._recorder.see(flow.metadata[EXCHANGE], EventsLost(self._recorder.at(), 0, 0, why))

    def error(self, flow: http.HTTPFlow) -> None:
        """Report an exchange that ended before it was complete."""
        how, message = how_it_broke(flow)
        if EXCHANGE in flow.metadata:
            self._recorder.see(flow.metadata[EXCHANGE], Broken(self._recorder.at(), how, message))
        if how == "error" and flow.response is None:
            self._warn(origin_of(flow.request), message)

    def http_connect_error(self, flow: http.HTTPFlow) -> None:
        """Answer a CONNECT whose upstream cannot be reached; mitmproxy calls this in its forward mode."""
        origin = f"https://{flow.request.host}:{flow.request.port}"
        why = connection_failure(flow.server_conn.error or "it accepts no connection", origin)
        flow.response = http.Response.make(
            502, error_text(502, why), {"Content-Type": "text/plain; charset=utf-8"}
        )
        self._warn(origin, why)

    def _warn(self, origin: str, why: str) -> None:
        """Log why there was no response, once as long as it stays the same."""
        if self._failures.get(origin) != why:
            self._failures[origin] = why
            logger.warning("%s", one_line(why if origin in why else f"{origin}: {why}"))


def close_data(code: int | None, reason: str | None) -> bytes:
    """Return the data of the frame that ends a WebSocket (RFC 6455, 5.5.1); 1005 stands for a frame without any."""
    if code is None or code == CloseReason.NO_STATUS_RCVD:
        return b""
    return code.to_bytes(2) + (reason or "").encode()


def leave_expectation(flow: http.HTTPFlow) -> None:
    """Leave it to the upstream whether the request's body is to be sent.

    mitmproxy would answer `Expect: 100-continue` by itself, and drops it then. It does not know the value with a blank
    behind it, which means the same (RFC 9110, 5.5).
    """
    if flow.request.headers.get("expect", "").lower() == "100-continue" and flow.request.is_http11:
        flow.request.headers["expect"] += " "


class RecordByOptions:
    """The addon for `mitmdump -s`, which is set up by mitmproxy's options."""

    def __init__(self) -> None:
        self._recorder: Recorder | None = None

    def load(self, loader: Loader) -> None:
        """Declare the options; mitmproxy calls this first."""
        loader.add_option("chatreel_out", str, "", "The cassette to record into; it must not exist yet.")
        loader.add_option("chatreel_append", bool, False, "Go on with a cassette that exists.")
        loader.add_option(
            "chatreel_redact", Sequence[str], [], "Further redaction rules (see chatreel record)."
        )
        loader.add_option("chatreel_keep", Sequence[str], [], "What redaction spares (see chatreel record).")
        loader.add_option("chatreel_no_redact", bool, False, "Keep secrets as they are.")

    def running(self) -> None:
        """Open the recording; mitmproxy calls this when it has read the options."""
        if not ctx.options.chatreel_out:
            logger.error("chatreel: nothing is recorded: say where to, with --set chatreel_out=FILE")
            return
        try:
            self._recorder = open_recording(
                Path(ctx.options.chatreel_out),
                append=ctx.options.chatreel_append,
                rules=None if ctx.options.chatreel_no_redact else ctx.options.chatreel_redact,
                keep=ctx.options.chatreel_keep,
                clock=SYSTEM,
                report=logger.warning,
            )
        except ChatreelError as error:
            logger.error("chatreel: %s", error)  # noqa: TRY400 - one line; mitmproxy ends itself after it
            return
        ctx.master.addons.add(RecordAddon(self._recorder))

    def done(self) -> None:
        """Write what is left; mitmproxy calls this when it ends."""
        if self._recorder is not None:
            self._recorder.close()


addons = [RecordByOptions()]
