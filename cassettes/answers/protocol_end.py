"""An end is an end: a stream whose last event by its protocol arrived is complete, whoever closes first.

Some clients leave as soon as they read that event (openai-python's does at `[DONE]`), before the server ends the body.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import msgspec

from cassettes import model
from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.answer_reading import MOST_LOOKED_AT, is_seen, item_of, recognised_reader
from cassettes.answers.builder import AnswerBuilder
from cassettes.framings.event import Event
from cassettes.views.timeline import events, is_event_stream

LEFT_OPEN = frozenset({"client-closed", "unfinished"})
"""Endings that say nothing of the chatbot: the client, or the recorder, went away first."""

MOST_KEPT = 3
"""Events at the end of a stream among which the last one by the protocol must be."""


class EndWatcher:
    """Tells of a stream, fed its events in order, whether its last event by the protocol is there.

    It keeps some events of the stream only, so it costs no memory to speak of.
    """

    def __init__(self) -> None:
        self._looked_at = 0
        self._reader: AnswerReader | None = None
        self._latest: deque[Event] = deque(maxlen=MOST_KEPT)

    def feed(self, found: Iterable[Event]) -> None:
        """Take the next events; only the first ones are read, because there can be very many."""
        for event in found:
            if not is_seen(event):
                continue
            if self._reader is None and self._looked_at < MOST_LOOKED_AT:
                self._reader = recognised_reader([item_of(self._looked_at, event)])
            self._looked_at += 1
            self._latest.append(event)

    @property
    def ended(self) -> bool:
        """Whether the last event by the protocol is there; false where the protocol is not known."""
        if self._reader is None:
            return False
        builder, reader = AnswerBuilder(), type(self._reader)()
        for place, event in enumerate(self._latest):
            builder.item = item_of(place, event)
            reader.read(builder.item, builder)
        return builder.ended


def completed(exchange: model.Exchange) -> model.Exchange:
    """Return the exchange, as complete if a client or the recorder left it open behind the last event."""
    if exchange.end.how not in LEFT_OPEN or not is_event_stream(exchange):
        return exchange
    watcher = EndWatcher()
    watcher.feed(events(exchange))
    if not watcher.ended:
        return exchange
    return msgspec.structs.replace(exchange, end=msgspec.structs.replace(exchange.end, how="complete"))
