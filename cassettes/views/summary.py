"""What is worth knowing of an exchange at a glance, gathered record by record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self

import msgspec

from cassettes import model
from foundation.http.headers import media_type
from foundation.http.urls import without_origin


class Summary(msgspec.Struct):
    """One exchange, as far as it is known. Times are microseconds since the recording began."""

    exchange: int
    method: str
    target: str
    began: int
    last: int
    status: int | None = None
    media_type: str = ""
    chunks: int = 0
    bytes: int = 0
    first: int | None = None
    how: str = ""
    lossy: bool = False

    @classmethod
    def begun(cls, request: model.Request) -> Self:
        """The summary of an exchange of which only the request is known."""
        target = without_origin(request.url)
        return cls(request.exchange, request.method, target, began=request.at, last=request.at)

    @classmethod
    def of(cls, exchange: model.Exchange) -> Self:
        """The summary of a whole exchange."""
        summary = cls.begun(exchange.request)
        response = () if exchange.response is None else (exchange.response,)
        summary.add([*response, *exchange.chunks, *exchange.losses, exchange.end])
        return summary

    def add(self, records: Iterable[model.AnyRecord]) -> None:
        """Take note of more records of the exchange."""
        for record in records:
            match record:
                case model.Chunk():
                    self._add_chunk(record)
                case model.Response():
                    self.status, self.media_type = record.status, media_type(record.headers)
                    self.last = record.at
                case model.End():
                    self.how, self.last = record.how, record.at
                case model.Loss():
                    self.lossy = True
                case _:
                    pass

    def _add_chunk(self, chunk: model.Chunk) -> None:
        self.chunks += 1
        self.bytes += len(chunk.data)
        self.last = chunk.at
        if self.first is None:
            self.first = chunk.at

    @property
    def duration(self) -> int:
        """From the whole request to the last thing seen."""
        return self.last - self.began


class OngoingExchanges:
    """The exchanges that have not ended, by number."""

    def __init__(self) -> None:
        self._summaries: dict[int | None, Summary] = {}

    def touched(self, records: Sequence[model.AnyRecord]) -> list[Summary]:
        """The summaries that the records change, brought up to date."""
        changed: dict[int, Summary] = {}
        for record in records:
            if isinstance(record, model.Request):
                self._summaries[record.exchange] = Summary.begun(record)
            summary = self._summaries.get(getattr(record, "exchange", None))
            if summary is None:
                continue
            summary.add([record])
            changed[summary.exchange] = summary
            if summary.how:
                del self._summaries[summary.exchange]
        return list(changed.values())
