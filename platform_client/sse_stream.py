"""Pattern 1 of the contract: reads the events of an SSE stream."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from cassettes.framings.sse import Decoder
from foundation.clock import SECOND, Clock
from platform_client.body import chunks
from platform_client.cancellation import Cancellation
from platform_client.client_limits import ClientLimits
from platform_client.events import STREAM_BROKE, ClientEvent, ConversationError

log = logging.getLogger("platform_client")

LAST = ("complete", "error")
"""The types of the events that end a stream."""


def stream_events(
    response: requests.Response,
    silence: float,
    limits: ClientLimits,
    cancellation: Cancellation,
    clock: Clock,
) -> Iterator[ClientEvent]:
    """The events as they arrive. Raises ConversationError when the stream breaks.

    It broke when the transport says so, when its end cut an event, when it was silent for more than `silence`
    seconds, or when an event is longer than its limit.
    """
    limit_silence(response, silence)
    try:
        for event in decoded(chunks(response, cancellation), limits.event):
            yield event
            if event.type in LAST:
                await_end(response, limits.farewell, cancellation, clock)
                return
    except (HTTPError, ValueError) as error:
        if cancellation.asked:
            return
        log.error("❌ Chunked encoding error: %s", error)  # noqa: TRY400 - the network's fault, so no traceback
        raise ConversationError(STREAM_BROKE) from error


def decoded(body: Iterator[bytes], longest: int) -> Iterator[ClientEvent]:
    """The events of a body. Raises ValueError when its end cuts one, or one has more than `longest` bytes."""
    decoder = Decoder()
    pending = 0
    for chunk in body:
        pending += len(chunk)
        for event in decoder.feed(chunk):
            pending = 0
            if event.dispatched:
                yield ClientEvent(event.type, event.data)
        if pending > longest:
            raise ValueError(f"an event is longer than {longest} bytes")
    if decoder.close() is not None:
        raise ValueError("the stream ended inside an event")


def await_end(response: requests.Response, farewell: float, cancellation: Cancellation, clock: Clock) -> None:
    """Read on until the response ends, for `farewell` seconds at most, so that the connection ends cleanly."""
    limit_silence(response, farewell)
    until = clock.now() + round(farewell * SECOND)
    try:
        for _ in chunks(response, cancellation):
            if clock.now() >= until:
                return
    except HTTPError as error:
        log.debug("The stream did not end well after its last event: %s", error)


def limit_silence(response: requests.Response, seconds: float) -> None:
    """Let reads of the body time out after so many seconds.

    requests has one read time-out for the head and the body, but a stream may well be silent for longer than
    a chatbot may take to answer at all. No public way leads to the socket when the server closes after the
    response: http.client has let go of it by then.
    """
    raw: Any = response.raw
    reader = raw._fp.fp  # noqa: SLF001 - see above
    if reader is not None:  # None once the body has ended
        reader.raw._sock.settimeout(seconds)  # noqa: SLF001 - see above
