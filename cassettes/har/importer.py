"""Reads HAR files as cassettes: exactly where Chatreel wrote them, else as far as their fields tell.

Entries are put in the order of their starts and decoded one at a time; the file is mapped into memory, not read.
"""

from __future__ import annotations

import contextlib
import mmap
from collections import Counter
from collections.abc import Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

import msgspec

from cassettes import model
from cassettes.file import format_v1
from cassettes.file.format_v1 import UNREADABLE, NotARecord
from cassettes.file.interleave import merged
from cassettes.file.storage import open_inflated
from cassettes.har import extras
from cassettes.har.foreign_entries import MISSING, connect_within_wait, rebuild
from cassettes.har.plain_meaning import plain_entry
from cassettes.har.schema import BriefExact, EntrySummary, HarEntry, Log
from cassettes.har.tolerant_json import UnreadableHar, read_log
from foundation import walltime
from foundation.errors import CassetteError

LARGEST_FILE = 4 << 30
"""Bytes that a HAR file may have: far more than a browser writes."""

UNREADABLE_ENTRY = "that cannot be read"
"""What entries that have no meaning are counted as."""

MOST_NAMED = 20
"""Entries that cannot be read and are named with the reason; the others are counted."""

_brief = msgspec.json.Decoder(EntrySummary).decode
_entry = msgspec.json.Decoder(HarEntry).decode


class EntryPlace(NamedTuple):
    """Where an entry belongs in its recording.

    `at` is the time of its request in microseconds, `entry` its index in the file, `exchange` its number.
    """

    at: int
    entry: int
    exchange: model.RecordingExchange


class HarFile:
    """A HAR file, open for reading.

    `skipped` counts the entries that are no HTTP exchange, by kind, and those that cannot be read. `warnings` are lines
    for a person, one for each entry that was left out; all are there once `records` is exhausted.
    """

    def __init__(self, path: Path, log: Log, remarks: Sequence[str] = ()) -> None:
        self.path = path
        self.skipped: Counter[str] = Counter()
        self.warnings: list[str] = [f"{path}: {remark}" for remark in remarks]
        self._entries = log.entries
        self._of_mitmproxy = log.creator is not None and (log.creator.name or "").startswith("mitmproxy")
        self._recordings: list[tuple[model.Header, list[EntryPlace]]] = []
        self._losses: list[model.AnyRecord] = []
        if log.exact is not None:
            self._recordings = [(self._header(one), []) for one in log.exact.recordings]
            self._losses = [self._of_log(one) for one in log.exact.losses]
        self._arrange(log)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a HAR file and sort its entries; raises CassetteError when none can be read."""
        with open_inflated(path) as file:
            size = file.seek(0, 2)
            if not 0 < size <= LARGEST_FILE:
                raise CassetteError(
                    f"{path}: expected a HAR file of at most {LARGEST_FILE >> 30} GiB, found {size} bytes"
                )
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        try:
            return cls(path, *read_log(data))
        except UnreadableHar as error:
            raise CassetteError(f"{path}: {error}") from None

    def __len__(self) -> int:
        """How many exchanges it holds."""
        return sum(len(places) for _, places in self._recordings)

    def records(self) -> Iterator[model.AnyRecord]:
        """The records of the cassette; raises CassetteError in the end when no entry could be read."""
        missing, read = 0, False
        for header, places in self._recordings:
            yield header
            for record in merged(
                ((place.at, self._exchange(place)) for place in places), place=attrgetter("at")
            ):
                missing += isinstance(record, model.Loss) and record.reason == MISSING
                read = True
                yield record
        yield from self._losses
        if not read and self.skipped[UNREADABLE_ENTRY]:
            raise self._nothing_read()
        if missing:
            self.warnings.append(
                f"{self.path}: {missing} responses are without their content: save the HAR with content"
            )

    def _exchange(self, place: EntryPlace) -> list[model.AnyRecord]:
        """The records of an entry; none, and a warning, when it cannot be read after all."""
        try:
            return self._records(place)
        except (*UNREADABLE, NotARecord, ValueError):
            pass
        try:
            self._mend(place.entry)
            return self._records(place)
        except (*UNREADABLE, NotARecord, ValueError) as error:
            self._leave_out(place.entry, error)
            return []

    def _records(self, place: EntryPlace) -> list[model.AnyRecord]:
        entry = _entry(self._entries[place.entry])
        if entry.exact is not None and extras.fits(entry, entry.exact):
            with contextlib.suppress(NotARecord):  # they were changed since
                return list(extras.restore(entry, entry.exact, place.exchange))
        if self._of_mitmproxy:
            connect_within_wait(entry)
        return list(rebuild(entry, place.exchange, place.at))

    def _arrange(self, log: Log) -> None:
        """Put each entry into its recording; entries that other programs wrote make one of their own."""
        foreign: list[tuple[int, int]] = []
        origins: set[str] = set()
        taken: set[tuple[int, model.RecordingExchange]] = set()
        for index in range(len(log.entries)):
            brief = self._brief(index)
            if brief is None:
                continue
            exact = brief.exact
            own = self._own_place(exact) if exact is not None else None
            if exact is not None and own is not None:
                at, exchange = own
                while (exact.recording, exchange) in taken:  # two files made one by hand
                    exchange = model.RecordingExchange(exchange + 1)
                taken.add((exact.recording, exchange))
                self._recordings[exact.recording][1].append(EntryPlace(at, index, exchange))
            elif why := _no_exchange(brief):
                self.skipped[why] += 1
            else:
                foreign.append((walltime.parse(brief.started), index))
                origins.add(_origin(brief.request.url))
        for _, places in self._recordings:
            places.sort()
        if foreign:
            foreign.sort()
            began = foreign[0][0]
            places = [
                EntryPlace(at - began, index, model.RecordingExchange(turn))
                for turn, (at, index) in enumerate(foreign)
            ]
            self._recordings.append((_header_of(log, began, origins), places))
        if not self._recordings:
            if self.skipped[UNREADABLE_ENTRY]:
                raise self._nothing_read()
            raise CassetteError(f"{self.path}: expected exchanges over HTTP, found none in it")

    def _brief(self, index: int) -> EntrySummary | None:
        """The fields of an entry by which it is sorted; None, and a warning, when it cannot be read."""
        try:
            brief = _brief(self._entries[index])
            walltime.parse(brief.started)
            if not brief.request.url.startswith("/"):
                return brief
        except (*UNREADABLE, ValueError):
            pass
        try:
            self._mend(index)
            return _brief(self._entries[index])
        except (*UNREADABLE, ValueError) as error:
            self._leave_out(index, error)
            return None

    def _mend(self, index: int) -> None:
        """Give the values of an entry their plain meaning; raises ValueError where one has none."""
        entry = plain_entry(msgspec.json.decode(self._entries[index]))
        self._entries[index] = msgspec.Raw(msgspec.json.encode(entry))

    def _leave_out(self, index: int, error: Exception) -> None:
        """Count an entry that cannot be read, and say why; of many, the first ones are named."""
        self.skipped[UNREADABLE_ENTRY] += 1
        if self.skipped[UNREADABLE_ENTRY] <= MOST_NAMED:
            self.warnings.append(f"{self.path}, entry {index + 1}: left out, {error}")

    def _own_place(self, exact: BriefExact) -> tuple[int, model.RecordingExchange] | None:
        """The time and the number of an entry that Chatreel wrote; None when they are not there any more."""
        at, exchange = exact.request.get("at"), exact.request.get("exchange")
        known = 0 <= exact.recording < len(self._recordings)
        if not known or not isinstance(at, int) or not isinstance(exchange, int) or min(at, exchange) < 0:
            return None
        return at, model.RecordingExchange(exchange)

    def _nothing_read(self) -> CassetteError:
        """The error for a file without any exchange."""
        first = self.warnings[0] if self.warnings else f"{self.path}: it has no entries"
        return CassetteError(f"{first}; expected exchanges over HTTP, found none that can be read")

    def _header(self, fields: dict[str, Any]) -> model.Header:
        header = self._of_log(fields)
        if not isinstance(header, model.Header):
            raise CassetteError(
                f"{self.path}: expected headers in log._chatreel.recordings, found another record"
            )
        return header

    def _of_log(self, fields: dict[str, Any]) -> model.AnyRecord:
        try:
            return format_v1.from_fields(fields)
        except NotARecord as error:
            raise CassetteError(f"{self.path}, log._chatreel: {error}") from None


def _no_exchange(brief: EntrySummary) -> str:
    """The kind of an entry that is no exchange over HTTP; empty for one that is."""
    scheme = brief.request.url.partition(":")[0].lower()
    if brief.kind == "websocket" or brief.frames is not None or scheme in {"ws", "wss"}:
        return "WebSocket"
    return "" if scheme in {"http", "https"} else f"{scheme[:20]}: url"


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _header_of(log: Log, began: int, origins: set[str]) -> model.Header:
    """The header of a recording made of other programs' entries; its upstream is their common origin, if any."""
    creator = log.creator
    return model.Header(
        version=format_v1.VERSION,
        created=walltime.to_text(began),
        recorder=" ".join(part for part in (creator.name, creator.version) if part) if creator else "",
        upstream=origins.pop() if len(origins) == 1 else "",
    )
