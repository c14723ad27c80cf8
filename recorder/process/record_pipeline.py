"""From what was seen to what is on disk: assembly, redaction, cassette. Runs in the writer's process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cassettes import model
from cassettes.file.writer import CassetteWriter
from cassettes.redaction import Redactor
from recorder.assembly import (
    Assembly,
    Broken,
    ExchangeState,
    IllegalEvent,
    Missed,
    RequestData,
    RequestHead,
    ResponseData,
    TrafficEvent,
)


@dataclass
class LossCount:
    """How much was lost."""

    records: int = 0
    bytes: int = 0

    def add(self, records: int, size: int) -> None:
        """LossCount more."""
        self.records += records
        self.bytes += size

    def __str__(self) -> str:
        return f"{self.records} records ({self.bytes} bytes)"


class RecordPipeline:
    """Writes the records of one recording; what cannot be written is counted, said and noted later.

    `report` gets lines for a person, `watch` every batch of records as it is on disk, that is redacted.
    `exchanges` counts those that are in the file, `lost` what is missing from it.
    """

    def __init__(
        self,
        file: CassetteWriter,
        redactor: Redactor | None,
        *,
        report: Callable[[str], None],
        watch: Callable[[Sequence[model.AnyRecord]], None],
    ) -> None:
        self.exchanges = 0
        self.lost = LossCount()
        self._file = file
        self._redact = redactor
        self._report = report
        self._watch = watch
        self._assemblies: dict[int, Assembly] = {}
        self._failing = False
        self._why = ""
        self._unwritten: dict[
            model.RecordingExchange | None, LossCount
        ] = {}  # to be noted once the disk takes it
        self._headless: set[int] = set()  # exchanges whose request could not be written

    def process(self, events: Iterable[tuple[model.RecordingExchange, TrafficEvent]], now: int) -> None:
        """Write what some events make sure; `now` is in microseconds since the recording began."""
        records: list[model.AnyRecord] = []
        for exchange, event in events:
            records += self._assemble(exchange, event)
        self._record(records, now)

    def finish(self, now: int, remark: str = "") -> None:
        """Write what is under way or held back, and a remark on why the recording ends."""
        rest = Broken(now, "unfinished")
        records = [record for assembly in self._assemblies.values() for record in assembly.feed(rest)]
        self._assemblies.clear()
        self._record(records, now)
        records = self._redact.close() if self._redact else []
        if remark:
            records.append(model.Loss(at=now, reason=remark))
        self._write(records, now)
        if self._failing:
            self._report(f"the end of the recording is lost: {self._total_unwritten()} ({self._why})")

    def _assemble(self, exchange: model.RecordingExchange, event: TrafficEvent) -> Sequence[model.AnyRecord]:
        if isinstance(event, RequestHead):
            self._assemblies[exchange] = Assembly(exchange, event)
            return []
        assembly = self._assemblies.get(exchange)
        if assembly is None:
            return orphan(event)
        try:
            records = assembly.feed(event)
        except IllegalEvent as error:  # a defect of ours, which must not end the recording of the others
            records = assembly.feed(Broken(event.at, "error", f"not recorded any further: {error}"))
        if assembly.state is ExchangeState.ENDED:
            del self._assemblies[exchange]
        return records

    def _record(self, records: list[model.AnyRecord], now: int) -> None:
        for record in records:
            if isinstance(record, model.Loss) and record.records:
                self._count_loss(record)
        self._write(self._redact.feed(records) if self._redact else records, now)

    def _count_loss(self, loss: model.Loss) -> None:
        if not self.lost.records:
            self._report(f"the recording is incomplete: {loss.reason}; the traffic goes on")
        self.lost.add(loss.records, loss.bytes)

    def _write(self, records: Sequence[model.AnyRecord], now: int) -> None:
        if self._headless:
            records = [record for record in records if not self._dropped(record)]
        if not records and not self._unwritten:
            return
        try:
            self._file.write([*self._notes(now), *records])
        except OSError as error:
            self._failed(records, error.strerror or str(error))
            return
        if self._failing:
            self._report(f"the recording goes on; lost: {self._total_unwritten()}")
        self._failing = False
        self._unwritten.clear()
        self.exchanges += sum(isinstance(record, model.Request) for record in records)
        self._watch(records)

    def _notes(self, now: int) -> list[model.AnyRecord]:
        """What could not be written, as records that tell so."""
        return [
            model.Loss(at=now, reason=self._why, records=count.records, bytes=count.bytes, exchange=exchange)
            for exchange, count in self._unwritten.items()
        ]

    def _failed(self, records: Sequence[model.AnyRecord], why: str) -> None:
        if not self._failing:
            self._report(f"{self._file.path}: {why}; the traffic goes on, what is not recorded is counted")
        self._failing = True
        self._why = why
        for record in records:
            if isinstance(record, model.Request):
                self._headless.add(record.exchange)
            self._count_unwritten(record)
            if isinstance(record, model.End):
                self._headless.discard(record.exchange)

    def _dropped(self, record: model.AnyRecord) -> bool:
        """Whether the record's exchange has no request in the file: no reader could place it."""
        exchange: model.RecordingExchange | None = getattr(record, "exchange", None)
        if exchange not in self._headless:
            return False
        self._count_unwritten(record)
        if isinstance(record, model.End):
            self._headless.discard(record.exchange)
        return True

    def _count_unwritten(self, record: model.AnyRecord) -> None:
        exchange: model.RecordingExchange | None = getattr(record, "exchange", None)
        size = len(record.data) if isinstance(record, model.Chunk) else 0
        self._unwritten.setdefault(None if exchange in self._headless else exchange, LossCount()).add(1, size)
        self.lost.add(1, size)

    def _total_unwritten(self) -> LossCount:
        total = LossCount()
        for count in self._unwritten.values():
            total.add(count.records, count.bytes)
        return total


def orphan(event: TrafficEvent) -> Sequence[model.AnyRecord]:
    """The records of an event whose exchange has ended, or began when the queue was full."""
    match event:
        case Missed():
            return [model.Loss(at=event.at, reason=event.reason, records=event.records, bytes=event.bytes)]
        case RequestData() | ResponseData():
            reason = "data of an exchange that is not recorded, or not any more"
            return [model.Loss(at=event.at, reason=reason, records=1, bytes=len(event.data))]
        case _:
            return []
