"""Reads HAR files as cassettes: exactly where Chatreel wrote them, else as far as their fields tell.

Entries are put in the order of their starts and decoded one at a time; the file is mapped into memory, not read.
"""

from __future__ import annotations

import mmap
import re
from collections import Counter
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

import msgspec

from cassettes import model
from cassettes.file import format_v1
from cassettes.file.format_v1 import UNREADABLE, NotARecord
from cassettes.file.interleave import merged
from cassettes.file.storage import open_plain
from cassettes.har import extras
from cassettes.har.foreign_entries import MISSING, connect_within_wait, rebuild
from cassettes.har.schema import EntrySummary, Har, HarEntry, Log
from foundation import walltime
from foundation.errors import CassetteError

LARGEST_FILE = 4 << 30
"""Bytes that a HAR file may have: far more than a browser writes."""

BOM = b"\xef\xbb\xbf"
ESCAPES = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)|\\.", re.DOTALL)

_har = msgspec.json.Decoder(Har).decode
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

    `skipped` counts the entries that are no HTTP exchange, by kind. `warnings` are lines for a person; those about
    bodies are there once `records` is exhausted.
    """

    def __init__(self, path: Path, log: Log) -> None:
        self.path = path
        self.skipped: Counter[str] = Counter()
        self.warnings: list[str] = []
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
        """Open a HAR file and sort its entries; raises CassetteError, which names the entry, counted from 1."""
        with open_plain(path) as file:
            size = file.seek(0, 2)
            if not 0 < size <= LARGEST_FILE:
                raise CassetteError(
                    f"{path}: expected a HAR file of at most {LARGEST_FILE >> 30} GiB, found {size} bytes"
                )
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        return cls(path, _log(path, data[len(BOM) :] if data[: len(BOM)] == BOM else data))

    def __len__(self) -> int:
        """How many exchanges it holds."""
        return sum(len(places) for _, places in self._recordings)

    def records(self) -> Iterator[model.AnyRecord]:
        """The records of the cassette; raises CassetteError for an entry that is not one of HAR 1.2."""
        missing = 0
        for header, places in self._recordings:
            yield header
            for record in merged(
                ((place.at, self._exchange(place)) for place in places), place=attrgetter("at")
            ):
                missing += isinstance(record, model.Loss) and record.reason == MISSING
                yield record
        yield from self._losses
        if missing:
            self.warnings.append(
                f"{self.path}: {missing} responses are without their content: save the HAR with content"
            )

    def _exchange(self, place: EntryPlace) -> list[model.AnyRecord]:
        try:
            entry = _entry(self._entries[place.entry])
            if entry.exact is not None and extras.fits(entry, entry.exact):
                return list(extras.restore(entry, entry.exact, place.exchange))
            if self._of_mitmproxy:
                connect_within_wait(entry)
            return list(rebuild(entry, place.exchange, place.at))
        except NotARecord as error:
            raise self._broken(place.entry, str(error)) from None
        except (*UNREADABLE, ValueError) as error:
            raise self._broken(
                place.entry, f"expected an entry of HAR 1.2, found something else ({error})"
            ) from None

    def _arrange(self, log: Log) -> None:
        """Put each entry into its recording; entries that other programs wrote make one of their own."""
        foreign: list[tuple[int, int]] = []
        origins: set[str] = set()
        taken: set[tuple[int, model.RecordingExchange]] = set()
        for index in range(len(log.entries)):
            brief = self._brief(index)
            exact = brief.exact
            if exact is not None and 0 <= exact.recording < len(self._recordings):
                at, exchange = self._own_place(index, exact.request)
                while (exact.recording, exchange) in taken:  # two files made one by hand
                    exchange = model.RecordingExchange(exchange + 1)
                taken.add((exact.recording, exchange))
                self._recordings[exact.recording][1].append(EntryPlace(at, index, exchange))
            elif why := _no_exchange(brief):
                self.skipped[why] += 1
            else:
                foreign.append((self._started(index, brief), index))
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
            raise CassetteError(f"{self.path}: expected exchanges over HTTP, found none in it")

    def _brief(self, index: int) -> EntrySummary:
        try:
            return _brief(self._entries[index])
        except UNREADABLE as error:
            raise self._broken(
                index, f"expected an entry of HAR 1.2, found something else ({error})"
            ) from None

    def _own_place(self, index: int, request: dict[str, Any]) -> tuple[int, model.RecordingExchange]:
        at, exchange = request.get("at"), request.get("exchange")
        if not isinstance(at, int) or not isinstance(exchange, int):
            raise self._broken(index, 'expected "at" and "exchange" in _chatreel.request, found none')
        return at, model.RecordingExchange(exchange)

    def _started(self, index: int, brief: EntrySummary) -> int:
        try:
            return walltime.parse(brief.started)
        except ValueError:
            raise self._broken(
                index, f"expected a time in ISO 8601 as startedDateTime, found {brief.started[:60]!r}"
            ) from None

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

    def _broken(self, index: int, what: str) -> CassetteError:
        return CassetteError(f"{self.path}, entry {index + 1}: {what}")


def _log(path: Path, data: memoryview) -> Log:
    try:
        try:
            return _har(data).log
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            return _har(_with_whole_characters(data)).log
    except UNREADABLE as error:
        raise CassetteError(f"{path}: expected a HAR file in JSON, found something else ({error})") from None


def _with_whole_characters(data: memoryview) -> bytes:
    """The data with each lone surrogate replaced; mitmproxy writes those for bytes that are not text."""
    return ESCAPES.sub(lambda found: rb"\ufffd" if found[1] else found[0], data)


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
