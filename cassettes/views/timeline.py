"""An exchange as moments in time: its head, its events (or chunks, where it is no stream), its end."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cassettes import model
from cassettes.framings.event import Event
from cassettes.framings.framing import Framing
from cassettes.framings.recognition import Recognition, StreamDecoder

HEARTBEAT = "heartbeat"
HEARTBEATS = frozenset({HEARTBEAT, "ping"})
"""Types of events that only show that the server is alive; Anthropic calls them `ping`."""

CLOSE = 8
"""The opcode with which a WebSocket ends."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened `at` microseconds after the whole request, `gap` after the moment before.

    `what` is "head", "event", "chunk", "message" or "end"; `name` the status, the event's type, who sent a message, or
    how it ended.
    """

    at: int
    gap: int
    what: str
    name: str
    data: str = ""
    id: str = ""
    retry: int | None = None
    dispatched: bool = True
    comments: tuple[str, ...] = ()


def framing_of(exchange: model.Exchange) -> Framing | None:
    """The framing of the response, None when it is no stream."""
    if exchange.response is None:
        return None
    recognition = Recognition(exchange.response.headers)
    for chunk in exchange.chunks:
        if recognition.decided:
            break
        recognition.feed(chunk.data)
    recognition.end()
    return recognition.framing


def is_event_stream(exchange: model.Exchange) -> bool:
    """Whether the response is a stream of events, whatever frames them."""
    return framing_of(exchange) is not None


def is_heartbeat(event: Event) -> bool:
    """Whether an event only shows that the server is alive: one of HEARTBEATS, or a block of comments."""
    mere_comment = bool(event.comments) and not event.dispatched and not event.cut and not event.data
    return event.type in HEARTBEATS or mere_comment


def events(exchange: model.Exchange) -> Iterator[Event]:
    """The events of a stream, each with its time in the recording; an event that the end cut comes last."""
    if exchange.response is None:
        return
    decoder = StreamDecoder(exchange.response.headers)
    for chunk in exchange.chunks:
        yield from decoder.feed(chunk.data, chunk.at)
    yield from decoder.close(exchange.end.at)


def timeline(exchange: model.Exchange) -> list[Moment]:
    """The moments of an exchange, in order."""
    moments: list[Moment] = []
    before = zero = exchange.request.at
    for moment in _moments(exchange):
        moments.append(msgspec.structs.replace(moment, at=moment.at - zero, gap=moment.at - before))
        before = moment.at
    return moments


def _moments(exchange: model.Exchange) -> Iterator[Moment]:
    response, end = exchange.response, exchange.end
    if response is not None:
        yield Moment(at=response.at, gap=0, what="head", name=f"{response.status} {response.reason}".strip())
    if is_event_stream(exchange):
        yield from map(_of_event, events(exchange))
    else:
        yield from map(_of_chunk, exchange.chunks)
    yield from map(_of_message, exchange.messages)
    yield Moment(at=end.at, gap=0, what="end", name=end.how, data=end.message)


def _of_event(event: Event) -> Moment:
    return Moment(
        at=event.at,
        gap=0,
        what="event",
        name=event.type,
        data=event.data,
        id=event.id,
        retry=event.retry,
        dispatched=event.dispatched,
        comments=event.comments,
    )


def _of_message(message: model.WebSocketMessage) -> Moment:
    data = message_text(message)
    return Moment(at=message.at, gap=0, what="message", name=message_name(message), data=data)


def message_name(message: model.WebSocketMessage) -> str:
    """Who sent a message of WebSocket, and what it is unless it is text."""
    kind = {1: "", 2: ", binary", 8: ", close"}.get(message.opcode, f", opcode {message.opcode}")
    return f"{message.sender}{kind}"


def message_text(message: model.WebSocketMessage) -> str:
    """The data of a message for a person; that of its end is the code and the reason."""
    if message.opcode != CLOSE or len(message.data) < 2:
        return message.data.decode("utf-8", "replace")
    reason = message.data[2:].decode("utf-8", "replace")
    return f"{int.from_bytes(message.data[:2])} {reason}".strip()


def _of_chunk(chunk: model.Chunk) -> Moment:
    data = chunk.data.decode("utf-8", "replace")
    return Moment(at=chunk.at, gap=0, what="chunk", name=f"{len(chunk.data)} bytes", data=data)
