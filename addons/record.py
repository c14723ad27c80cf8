"""Records what passes through mitmproxy into a cassette.

Embedded by `chatreel record`, and under plain mitmproxy:

    mitmdump -s addons/record.py --set chatreel_out=incident.jsonl
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from mitmproxy import ctx, http
from mitmproxy.addonmanager import Loader

from addons.endings import how_it_broke
from addons.reverse import Forward, mend, take_client_origin
from cassettes.model import RecordingExchange
from foundation.clock import SYSTEM
from foundation.errors import ChatreelError
from recorder.assembly import AnyEvent, Broken, RequestData, RequestEnd, ResponseData, ResponseEnd
from recorder.mitmproxy.flow_conversion import request_head, response_head, url_of
from recorder.open_recording import open_recording
from recorder.recorder import Recorder

EXCHANGE = "chatreel-exchange"

logger = logging.getLogger(__name__)


class Observer(Protocol):
    """Is told of exchanges, and never makes them wait: a recorder."""

    def at(self) -> int:
        """Microseconds since it began."""
        ...

    def begin(self) -> RecordingExchange:
        """The number of a new exchange."""
        ...

    def see(self, exchange: RecordingExchange, event: AnyEvent) -> None:
        """Take an event of an exchange."""
        ...


class RecordAddon:
    """Hands what mitmproxy sees of each exchange to an observer, and every byte on at once.

    `wanted(url)` chooses what is recorded; the rest passes, streamed as well. What another addon answers
    is left alone.
    """

    def __init__(self, recorder: Observer, wanted: Callable[[str], bool] = lambda _url: True) -> None:
        self._recorder = recorder
        self._wanted = wanted

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """A request begins."""
        if flow.response or flow.error:  # answered or refused already: it does not reach the chatbot
            return
        take_client_origin(flow)
        flow.request.stream = True
        if not self._wanted(url_of(flow.request)):
            return
        recorder = self._recorder
        exchange = flow.metadata[EXCHANGE] = recorder.begin()
        recorder.see(exchange, request_head(flow.request, recorder.at()))

        def tap(data: bytes) -> bytes:
            if data:
                recorder.see(exchange, RequestData(recorder.at(), data))
            return data

        flow.request.stream = tap

    def request(self, flow: http.HTTPFlow) -> None:
        """A request is whole."""
        if EXCHANGE in flow.metadata:
            self._recorder.see(flow.metadata[EXCHANGE], RequestEnd(self._recorder.at()))

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """A response begins."""
        response, recorder = flow.response, self._recorder
        assert response is not None
        if response.raw_content is not None:  # whole, and so of another addon, which is not recorded
            self._leave(flow, "answered by another addon")
            return
        if EXCHANGE in flow.metadata:
            recorder.see(flow.metadata[EXCHANGE], response_head(response, recorder.at()))
        forward = mend(flow)
        response.stream = self._tap(flow, forward) if EXCHANGE in flow.metadata else forward or True

    def _leave(self, flow: http.HTTPFlow, why: str) -> None:
        exchange = flow.metadata.pop(EXCHANGE, None)
        if exchange is not None:
            self._recorder.see(exchange, Broken(self._recorder.at(), "error", why))

    def _tap(self, flow: http.HTTPFlow, forward: Forward | None) -> Forward:
        recorder, exchange = self._recorder, flow.metadata[EXCHANGE]

        def tap(data: bytes) -> bytes | Iterable[bytes]:
            if data:
                recorder.see(exchange, ResponseData(recorder.at(), data))
            return forward(data) if forward else data

        return tap

    def response(self, flow: http.HTTPFlow) -> None:
        """A response is whole."""
        if EXCHANGE in flow.metadata:
            self._recorder.see(flow.metadata[EXCHANGE], ResponseEnd(self._recorder.at()))

    def error(self, flow: http.HTTPFlow) -> None:
        """An exchange ended before its time."""
        if EXCHANGE in flow.metadata:
            self._recorder.see(flow.metadata[EXCHANGE], Broken(self._recorder.at(), *how_it_broke(flow)))


class RecordByOptions:
    """The same under plain `mitmdump -s`, set up by mitmproxy's own options."""

    def __init__(self) -> None:
        self._recorder: Recorder | None = None

    def load(self, loader: Loader) -> None:
        """Declare the options."""
        loader.add_option("chatreel_out", str, "", "The cassette to record into; it must not exist yet.")
        loader.add_option("chatreel_append", bool, False, "Go on with a cassette that exists.")
        loader.add_option(
            "chatreel_redact", Sequence[str], [], "Further redaction rules (see chatreel record)."
        )
        loader.add_option("chatreel_no_redact", bool, False, "Keep secrets as they are.")

    def running(self) -> None:
        """Open the recording, now that all options are known."""
        if not ctx.options.chatreel_out:
            logger.error("chatreel: nothing is recorded: say where to, with --set chatreel_out=FILE")
            return
        try:
            self._recorder = open_recording(
                Path(ctx.options.chatreel_out),
                append=ctx.options.chatreel_append,
                rules=None if ctx.options.chatreel_no_redact else ctx.options.chatreel_redact,
                clock=SYSTEM,
                report=logger.warning,
            )
        except ChatreelError as error:
            logger.error("chatreel: %s", error)  # noqa: TRY400 - one line; mitmproxy ends itself after it
            return
        ctx.master.addons.add(RecordAddon(self._recorder))

    def done(self) -> None:
        """Write what is left."""
        if self._recorder is not None:
            self._recorder.close()


addons = [RecordByOptions()]
