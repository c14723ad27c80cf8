"""Assembles the events of live traffic to whole exchanges, with stand-ins for their secrets as in a recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cassettes import model
from cassettes.file.reader import assemble
from cassettes.redaction.redactor import Redactor
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

LARGEST_BODY = 16 << 20
"""Bytes of a response's body that are kept; a larger one loses the rest, and is not compared."""

LONGEST = 3600 * SECOND
"""Microseconds after which an exchange that has not ended is given up."""


class ExchangeAssembler:
    """Assembles exchanges from events that arrive in any mixture.

    `given_up` counts exchanges that were dropped before their end, `refused` those that the full queue before it took
    no events of. Bodies are kept up to `largest_body` bytes.
    """

    def __init__(self, redactor: Redactor, largest_body: int = LARGEST_BODY) -> None:
        self.given_up = self.refused = 0
        self._refused: set[model.RecordingExchange] = set()
        self._redactor = redactor
        self._largest_body = largest_body
        self._assemblies: dict[model.RecordingExchange, Assembly] = {}
        self._began: dict[model.RecordingExchange, int] = {}
        self._requests: dict[model.RecordingExchange, model.Request] = {}
        self._responses: dict[model.RecordingExchange, list[model.AnyRecord]] = {}
        self._sizes: dict[model.RecordingExchange, int] = {}

    def feed(self, events: Sequence[tuple[model.RecordingExchange, AnyEvent]]) -> Iterator[model.Exchange]:
        """Yields the exchanges that these events end."""
        records: list[model.AnyRecord] = []
        for exchange, event in events:
            records += self._assemble(exchange, event)
        for record in self._redactor.feed(records):
            yield from self._keep(record)
        if events:
            self._give_up_overdue(events[-1][1].at)

    def _assemble(self, exchange: model.RecordingExchange, event: AnyEvent) -> Sequence[model.AnyRecord]:
        if isinstance(event, RequestHead):
            self._assemblies[exchange] = Assembly(exchange, event)
            self._began[exchange] = event.at
            return []
        assembly = self._assemblies.get(exchange)
        if assembly is None:  # the queue was full when it began, or it was given up
            self._count_refused(exchange, event)
            return []
        try:
            return assembly.feed(event)
        except IllegalEvent:
            self._give_up(exchange)
            return []
        finally:
            if assembly.state is ExchangeState.ENDED:
                self._assemblies.pop(exchange, None)

    def _count_refused(self, exchange: model.RecordingExchange, event: AnyEvent) -> None:
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
            self._requests[number], self._responses[number] = record, []
            return
        response = self._responses.get(number)
        if response is None:
            return
        self._add(number, response, record)
        if isinstance(record, model.End):
            yield assemble(model.CassetteExchange(number), self._requests[number], response)
            self._drop(number)

    def _add(
        self, number: model.RecordingExchange, response: list[model.AnyRecord], record: model.AnyRecord
    ) -> None:
        """Add a record to a response; the first chunk beyond the largest body becomes a loss, others are dropped."""
        if isinstance(record, model.Chunk):
            before = self._sizes.get(number, 0)
            self._sizes[number] = before + len(record.data)
            if before > self._largest_body:
                return
            if self._sizes[number] > self._largest_body:
                reason = f"it is larger than {self._largest_body >> 20} MiB"
                record = model.Loss(at=record.at, reason=reason, records=1, bytes=0, exchange=number)
        response.append(record)

    def _give_up_overdue(self, now: int) -> None:
        for exchange, began in list(self._began.items()):
            if exchange not in self._assemblies:
                del self._began[exchange]
            elif now - began > LONGEST:
                self._give_up(exchange)
            else:
                return

    def _give_up(self, exchange: model.RecordingExchange) -> None:
        self.given_up += 1
        del self._assemblies[exchange]
        self._began.pop(exchange, None)
        self._drop(exchange)

    def _drop(self, number: model.RecordingExchange) -> None:
        for kept in (self._requests, self._responses, self._sizes):
            kept.pop(number, None)

    @property
    def open(self) -> int:
        """Returns how many exchanges have not ended."""
        return len(self._assemblies)
