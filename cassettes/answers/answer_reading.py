"""Reads the answer of an exchange: its events, or its body where it is no stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from cassettes import model
from cassettes.answers.answer import Answer
from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import decoded
from cassettes.answers.reader_registry import FALLBACK, READERS
from cassettes.framings.event import Event
from cassettes.views.timeline import events, is_event_stream, is_heartbeat

MOST_LOOKED_AT = 8
"""Events at the beginning of a stream among which a reader must recognise one."""

LARGEST_BODY = 32 << 20
"""Bytes of a body that is no stream; of a longer one no answer is read."""

BODY = "body"
FIRST_FAILURE = 400
"""The lowest status of a request that failed (RFC 9110, 15.5): its body tells why, and is no answer."""


def answer_of(exchange: model.Exchange, otherwise: str = "") -> Answer | None:
    """Return the answer of an exchange, None when there is none to be read.

    Where no reader recognises it, the one of the protocol `otherwise` reads it.
    """
    if exchange.response is None or exchange.response.status >= FIRST_FAILURE:
        return None
    if is_event_stream(exchange):
        return read_answer(items_of(events(exchange)), otherwise=otherwise)
    guesses = exchange.request.method == "POST"
    return read_answer(body_items(exchange), otherwise=otherwise, guesses=guesses)


def read_answer(items: Iterable[StreamItem], *, otherwise: str = "", guesses: bool = True) -> Answer | None:
    """Return the answer in some events, read as `otherwise` where nobody recognises it.

    `guesses` says whether it may be of a chatbot that nobody knows.
    """
    left = iter(items)
    first = list(islice(left, MOST_LOOKED_AT))
    named = next((kind() for kind in READERS if kind.protocol == otherwise), None)
    reader = recognised_reader(first) or named or (FALLBACK() if guesses else None)
    if reader is None:
        return None
    builder = AnswerBuilder()
    for item in chain(first, left):
        builder.item = item
        reader.read(item, builder)
    reader.close(builder)
    answer = builder.answer(reader.protocol)
    known = reader.protocol != FALLBACK.protocol or otherwise == FALLBACK.protocol
    return answer if known or answer.says_something else None


def recognised_reader(first: Sequence[StreamItem]) -> AnswerReader | None:
    """Return a reader of the protocol of the first event that any reader recognises, None when none does."""
    return next((kind() for item in first for kind in READERS if kind().recognises(item)), None)


def items_of(stream: Iterable[Event]) -> Iterator[StreamItem]:
    """Return the events that a client gets to see, with their places in the stream, without heartbeats."""
    items = (item_of(place, event) for place, event in enumerate(stream))
    return (item for item in items if item is not None)


def item_of(place: int, event: Event) -> StreamItem | None:
    """Return an event as readers see it; None for a heartbeat, and for one that a client does not get to see."""
    if not event.dispatched or is_heartbeat(event):
        return None
    return StreamItem(place, event.at, event.type, event.data, decoded(event.data))


def body_items(exchange: model.Exchange) -> Iterator[StreamItem]:
    """Yield the body as one event or, where it is a JSON array, an event for each item, as Gemini streams."""
    body = exchange.body if sum(len(chunk.data) for chunk in exchange.chunks) <= LARGEST_BODY else b""
    value = decoded(body)
    at = exchange.chunks[-1].at if exchange.chunks else exchange.end.at
    for one in value if isinstance(value, list) else [value]:
        if one is not None:
            yield StreamItem(None, at, BODY, "", one)
