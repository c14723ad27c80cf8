"""From what was seen on the wire to whole exchanges, with their secrets replaced as the recording's are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cassettes import model
from cassettes.file.reader import assemble
from cassettes.redaction import Redactor
from foundation.clock import SECOND
from recorder.assembly import (
    AnyEvent,
    Assembly,
    Broken,
    EventsLost,
    ExchangeState,
    IllegalEvent,
    RequestHead,
    ResponseEnd,
)

LARGEST = 16 << 20
"""Bytes of an answer that are kept; one that is larger lacks the rest, and is not compared."""

LONGEST = 3600 * SECOND
"""Microseconds after which an exchange that does not end is let go."""


class Gathering:
    """Assembles exchanges.

    `given_up` counts those that were let go before their end, `refused` those of which not even the beginning came.
    """

    def __init__(self, redactor: Redactor) -> None:
        self.given_up = self.refused = 0
        self._refused: set[model.RecordingExchange] = set()
        self._redactor = redactor
        self._assemblies: dict[model.RecordingExchange, Assembly] = {}
        self._began: dict[model.RecordingExchange, int] = {}
        self._requests: dict[model.RecordingExchange, model.Request] = {}
        self._answers: dict[model.RecordingExchange, list[model.AnyRecord]] = {}
        self._sizes: dict[model.RecordingExchange, int] = {}

    def feed(self, events: Sequence[tuple[model.RecordingExchange, AnyEvent]]) -> Iterator[model.Exchange]:
        """The exchanges that these events end."""
        records: list[model.AnyRecord] = []
        for exchange, event in events:
            records += self._assemble(exchange, event)
        for record in self._redactor.feed(records):
            yield from self._keep(record)
        if events:
            self._let_go(events[-1][1].at)

    def _assemble(self, exchange: model.RecordingExchange, event: AnyEvent) -> Sequence[model.AnyRecord]:
        if isinstance(event, RequestHead):
            self._assemblies[exchange] = Assembly(exchange, event)
            self._began[exchange] = event.at
            return []
        assembly = self._assemblies.get(exchange)
        if assembly is None:  # the queue was full when it began, or it was let go
            self._refuse(exchange, event)
            return []
        try:
            return assembly.feed(event)
        except IllegalEvent:
            self._forget(exchange)
            return []
        finally:
            if assembly.state is ExchangeState.ENDED:
                self._assemblies.pop(exchange, None)

    def _refuse(self, exchange: model.RecordingExchange, event: AnyEvent) -> None:
        if isinstance(event, EventsLost) and exchange not in self._refused:
            self._refused.add(exchange)
            self.refused += 1
        elif isinstance(event, ResponseEnd | Broken):
            self._refused.discard(exchange)

    def _keep(self, record: model.AnyRecord) -> Iterator[model.Exchange]:
        number: model.RecordingExchange | None = getattr(record, "exchange", None)
        if number is None:
            return
        if isinstance(record, model.Request):
            self._requests[number], self._answers[number] = record, []
            return
        answer = self._answers.get(number)
        if answer is None:
            return
        self._add(number, answer, record)
        if isinstance(record, model.End):
            yield assemble(model.CassetteExchange(number), self._requests[number], answer)
            self._drop(number)

    def _add(
        self, number: model.RecordingExchange, answer: list[model.AnyRecord], record: model.AnyRecord
    ) -> None:
        """Add a record, or a loss in the place of the first one that is too much."""
        if isinstance(record, model.Chunk):
            before = self._sizes.get(number, 0)
            self._sizes[number] = before + len(record.data)
            if before > LARGEST:
                return
            if self._sizes[number] > LARGEST:
                reason = f"it is larger than {LARGEST >> 20} MiB"
                record = model.Loss(at=record.at, reason=reason, records=1, bytes=0, exchange=number)
        answer.append(record)

    def _let_go(self, now: int) -> None:
        for exchange, began in list(self._began.items()):
            if exchange not in self._assemblies:
                del self._began[exchange]
            elif now - began > LONGEST:
                self._forget(exchange)
            else:
                return

    def _forget(self, exchange: model.RecordingExchange) -> None:
        self.given_up += 1
        del self._assemblies[exchange]
        self._began.pop(exchange, None)
        self._drop(exchange)

    def _drop(self, number: model.RecordingExchange) -> None:
        for kept in (self._requests, self._answers, self._sizes):
            kept.pop(number, None)

    @property
    def open(self) -> int:
        """How many exchanges have not ended."""
        return len(self._assemblies)
