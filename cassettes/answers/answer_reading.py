"""Reads the answer of an exchange: its events, or its body where it is no stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

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


class AnswerReading:
    """Reads an answer out of events that are fed one by one.

    Where no reader recognises one of the first events, it is read as the protocol `otherwise`, or else, if `guesses`,
    as that of a chatbot that nobody knows.
    """

    def __init__(self, *, otherwise: str = "", guesses: bool = True) -> None:
        self._otherwise = otherwise
        self._guesses = guesses
        self._waiting: list[StreamItem] = []
        self._decided = False
        self._reader: AnswerReader | None = None
        self._builder = AnswerBuilder()

    def feed(self, item: StreamItem) -> None:
        """Take the next event."""
        if self._decided:
            self._read(item)
            return
        self._waiting.append(item)
        self._reader = recognised_reader([item])
        if self._reader is not None or len(self._waiting) == MOST_LOOKED_AT:
            self._decide()

    def answer(self) -> Answer | None:
        """Return the answer, None where there is none; nothing can be fed after it."""
        if not self._decided:
            self._decide()
        if self._reader is None:
            return None
        self._reader.close(self._builder)
        answer = self._builder.answer(self._reader.protocol)
        known = self._reader.protocol != FALLBACK.protocol or self._otherwise == FALLBACK.protocol
        return answer if known or answer.says_something else None

    def _decide(self) -> None:
        named = next((kind() for kind in READERS if kind.protocol == self._otherwise), None)
        self._reader = self._reader or named or (FALLBACK() if self._guesses else None)
        self._decided = True
        for item in self._waiting:
            self._read(item)
        self._waiting.clear()

    def _read(self, item: StreamItem) -> None:
        if self._reader is not None:
            self._builder.item = item
            self._reader.read(item, self._builder)


def read_answer(items: Iterable[StreamItem], *, otherwise: str = "", guesses: bool = True) -> Answer | None:
    """Return the answer in some events, as `AnswerReading` reads it."""
    reading = AnswerReading(otherwise=otherwise, guesses=guesses)
    for item in items:
        reading.feed(item)
    return reading.answer()


def recognised_reader(first: Sequence[StreamItem]) -> AnswerReader | None:
    """Return a reader of the protocol of the first event that any reader recognises, None when none does."""
    return next((kind() for item in first for kind in READERS if kind().recognises(item)), None)


def items_of(stream: Iterable[Event]) -> Iterator[StreamItem]:
    """Return the events that a client gets to see, with their places in the stream, without heartbeats."""
    return (item_of(place, event) for place, event in enumerate(stream) if is_seen(event))


def is_seen(event: Event) -> bool:
    """Return whether a client gets to see an event, and it is no heartbeat."""
    return event.dispatched and not is_heartbeat(event)


def item_of(place: int, event: Event) -> StreamItem:
    """Return an event as readers see it."""
    return StreamItem(place, event.at, event.type, event.data, decoded(event.data))


def body_items(exchange: model.Exchange) -> Iterator[StreamItem]:
    """Yield the body of a response that is no stream, as `items_of_body` does."""
    body = exchange.body if sum(len(chunk.data) for chunk in exchange.chunks) <= LARGEST_BODY else b""
    return items_of_body(body, exchange.chunks[-1].at if exchange.chunks else exchange.end.at)


def items_of_body(body: bytes, at: int) -> Iterator[StreamItem]:
    """Yield a body as one event or, where it is a JSON array, an event for each item, as Gemini streams."""
    value = decoded(body)
    for one in value if isinstance(value, list) else [value]:
        if one is not None:
            yield StreamItem(None, at, BODY, "", one)
