"""Turns events of live traffic into records on disk: assembly, redaction, then the file. Runs in the writer's process.

Records that the disk refuses are counted, and noted in the file as losses as soon as it takes records again. When the
request of an exchange was refused, its later records are dropped and counted as well, because readers accept no
record without its request:

    write fails:     Request 0, Chunk 0      exchange 0 has no request in the file; 2 records are unwritten
    write succeeds:  Chunk 0, Request 1      Loss(records=3), Request 1 are written
    write succeeds:  End 0                   Loss(records=1) is written; nothing of exchange 0 remains

A file that another program removed is put back before the next write, a truncated one gets a header again. What was cut
off is noted, and exchanges under way, whose requests are gone with it, are dropped like those above.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cassettes import model
from cassettes.file.writer import CassetteWriter, FileState
from cassettes.redaction.late_secrets import finished, without_late_secrets
from cassettes.redaction.redactor import Redactor
from cassettes.redaction.summary_lines import summary
from foundation.errors import CassetteError
from recorder.assembly import (
    Assembly,
    Broken,
    EventsLost,
    ExchangeState,
    IllegalEvent,
    RequestData,
    RequestHead,
    ResponseData,
    SocketMessage,
    TrafficEvent,
)


@dataclass
class LossCount:
    """How many records were lost, and how many bytes of data in them."""

    records: int = 0
    bytes: int = 0

    def add(self, records: int, size: int) -> None:
        """Count further records, with `size` bytes of data in total."""
        self.records += records
        self.bytes += size

    def __str__(self) -> str:
        return f"{self.records} records ({self.bytes} bytes)"


class RecordPipeline:
    """Writes the records of one recording to `file`, which has its `header`; without a `redactor`, as they are.

    `report` is called with lines for a person, `watch` with the records that were written, which are redacted.
    `sums_up` says whether the end reports what was replaced.
    `exchanges` is the number of exchanges in the file, `lost` counts the records that are missing from it.
    """

    def __init__(
        self,
        file: CassetteWriter,
        header: model.Header,
        redactor: Redactor | None,
        *,
        report: Callable[[str], None],
        watch: Callable[[Sequence[model.AnyRecord]], None],
        sums_up: bool = True,
    ) -> None:
        self.exchanges = 0
        self.lost = LossCount()
        self._file = file
        self._header = header
        self._redact = redactor
        self._report = report
        self._watch = watch
        self._sums_up = sums_up
        self._assemblies: dict[int, Assembly] = {}
        self._failing = False  # whether the last attempt to write failed
        self._why = ""  # it failed
        # What is to be noted in the file once it can be written; None is for exchanges without a request in it.
        self._unwritten: dict[model.RecordingExchange | None, LossCount] = {}
        self._under_way: set[model.RecordingExchange] = (
            set()
        )  # exchanges with a request in the file and no end
        self._headless: set[int] = set()  # exchanges whose request could not be written
        self._preface: list[model.AnyRecord] = []  # what a truncated file needs before anything else
        self._strayed = False  # whether the file's path no longer leads to it

    def process(self, events: Iterable[tuple[model.RecordingExchange, TrafficEvent]], now: int) -> None:
        """Write the records that are final after these events; `now` is in microseconds since the recording began."""
        records: list[model.AnyRecord] = []
        for exchange, event in events:
            records += self._assemble(exchange, event)
        self._record(records, now)

    def finish(self, now: int, remark: str = "", progress: Callable[[], None] = lambda: None) -> None:
        """End the exchanges under way as unfinished, write all that is held back, and a loss with a remark, if any.

        Then secrets are replaced that were written before they were known; `progress` is called meanwhile.
        """
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
        elif self._redact:
            self._finish_redaction(self._redact, now, progress)

    def _finish_redaction(self, redactor: Redactor, now: int, progress: Callable[[], None]) -> None:
        path = self._file.place
        try:
            if path is not None and (
                draft := without_late_secrets(path, redactor, since=self._header, progress=progress)
            ):
                self._file.replace(draft)
        except (OSError, CassetteError) as error:
            self._report(
                f"secrets that were found late are left in {path} ({error}); chatreel redact replaces them"
            )
        else:
            self._write([finished(now, redactor)], now)
        for line in summary(redactor) if self._sums_up else ():
            self._report(line)

    def _assemble(self, exchange: model.RecordingExchange, event: TrafficEvent) -> Sequence[model.AnyRecord]:
        if isinstance(event, RequestHead):
            self._assemblies[exchange] = Assembly(exchange, event)
            return []
        assembly = self._assemblies.get(exchange)
        if assembly is None:
            return orphan_losses(event)
        try:
            records = assembly.feed(event)
        except IllegalEvent as error:  # a defect of Chatreel's; the other exchanges are recorded all the same
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
        try:
            self._put_right(now)
            # Once more, as what was put right can have taken requests away.
            records = [record for record in records if not self._dropped(record)]
            if not records and not self._unwritten and not self._preface:
                return
            self._file.write([*self._preface, *self._unwritten_losses(now), *records])
        except OSError as error:
            self._write_failed(records, error.strerror or str(error))
            return
        if self._failing:
            self._report(f"the recording goes on; lost: {self._total_unwritten()}")
        self._failing = False
        self._preface.clear()
        self._unwritten.clear()
        for record in records:
            self._note_written(record)
        self._watch(records)

    def _note_written(self, record: model.AnyRecord) -> None:
        match record:
            case model.Request():
                self.exchanges += 1
                self._under_way.add(record.exchange)
            case model.End():
                self._under_way.discard(record.exchange)
            case _:
                pass

    def _put_right(self, now: int) -> None:
        """Put a file right that another program removed or truncated, and report a renamed one; raises OSError."""
        path = self._file.path
        match self._file.state:
            case FileState.REMOVED:
                self._file.put_back()
                put = (
                    ""
                    if self._file.path == path
                    else f" as {self._file.path}, for another has taken its place"
                )
                self._report(f"{path}: the file was removed; it is put back{put}")
            case FileState.TRUNCATED:
                self._start_over(self._file.start_over(), now)
            case FileState.UNTOUCHED:
                self._report_place(path)

    def _start_over(self, gone: int, now: int) -> None:
        """Begin the recording anew behind what is left of a truncated file, from which `gone` bytes were cut off."""
        reason = f"another program cut {gone} bytes off the file"
        self._report(
            f"{self._file.path}: {reason}, with {self.exchanges} exchanges; the recording begins anew"
        )
        self._preface = [self._header, model.Loss(at=now, reason=reason, records=1, bytes=gone)]
        self.lost.add(1, gone)
        self.exchanges = 0
        self._headless |= self._under_way
        self._under_way.clear()

    def _report_place(self, path: Path) -> None:
        """Report it, once, when the file was renamed."""
        place = self._file.place
        if place != path and not self._strayed:
            self._report(f"{path} no longer leads to the recording, which goes on in {place or 'its file'}")
        self._strayed = place != path

    def _unwritten_losses(self, now: int) -> list[model.AnyRecord]:
        """Return losses for the records that could not be written."""
        return [
            model.Loss(at=now, reason=self._why, records=count.records, bytes=count.bytes, exchange=exchange)
            for exchange, count in self._unwritten.items()
        ]

    def _write_failed(self, records: Sequence[model.AnyRecord], why: str) -> None:
        """Count records that could not be written; reports it when it is the first time."""
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
                self._under_way.discard(record.exchange)

    def _dropped(self, record: model.AnyRecord) -> bool:
        """Return whether a record is to be dropped, because its request is not in the file; if so, count it."""
        exchange: model.RecordingExchange | None = getattr(record, "exchange", None)
        if exchange not in self._headless:
            return False
        self._count_unwritten(record)
        if isinstance(record, model.End):
            self._headless.discard(record.exchange)
        return True

    def _count_unwritten(self, record: model.AnyRecord) -> None:
        exchange: model.RecordingExchange | None = getattr(record, "exchange", None)
        size = len(record.data) if isinstance(record, model.Chunk | model.WebSocketMessage) else 0
        self._unwritten.setdefault(None if exchange in self._headless else exchange, LossCount()).add(1, size)
        self.lost.add(1, size)

    def _total_unwritten(self) -> LossCount:
        total = LossCount()
        for count in self._unwritten.values():
            total.add(count.records, count.bytes)
        return total


def orphan_losses(event: TrafficEvent) -> Sequence[model.AnyRecord]:
    """Return the losses for an event whose exchange has ended, or began while the queue was full."""
    match event:
        case EventsLost():
            return [model.Loss(at=event.at, reason=event.reason, records=event.records, bytes=event.bytes)]
        case RequestData() | ResponseData() | SocketMessage():
            reason = "data of an exchange that is not recorded, or not any more"
            return [model.Loss(at=event.at, reason=reason, records=1, bytes=len(event.data))]
        case _:
            return []
