"""Summaries of exchanges for lists, kept up to date record by record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self

import msgspec

from cassettes import model
from foundation.http.headers import media_type
from foundation.http.urls import without_origin


class Summary(msgspec.Struct):
    """One exchange in a list, as far as its records are known.

    `began`, `last` and `first` (the request, the last record, the first chunk) are microseconds since the recording
    began; `how` is empty until the exchange ends, and `message` says more of an error; `lossy` says that something
    could not be recorded.
    """

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
    message: str = ""

    @classmethod
    def begun(cls, request: model.Request) -> Self:
        """Summarize an exchange of which only the request is known."""
        target = without_origin(request.url)
        return cls(request.exchange, request.method, target, began=request.at, last=request.at)

    @classmethod
    def of(cls, exchange: model.Exchange) -> Self:
        """The summary of a whole exchange."""
        summary = cls.begun(exchange.request)
        response = () if exchange.response is None else (exchange.response,)
        summary.add([*response, *exchange.chunks, *exchange.messages, *exchange.losses, exchange.end])
        return summary

    def add(self, records: Iterable[model.AnyRecord]) -> None:
        """Add later records of the exchange."""
        for record in records:
            match record:
                case model.Chunk() | model.WebSocketMessage():
                    self._add_chunk(record)
                case model.Response():
                    self.status, self.media_type = record.status, media_type(record.headers)
                    self.last = record.at
                case model.End():
                    self.how, self.message, self.last = record.how, record.message, record.at
                case model.Loss():
                    self.lossy = True
                case _:
                    pass

    def _add_chunk(self, chunk: model.Chunk | model.WebSocketMessage) -> None:
        self.chunks += 1
        self.bytes += len(chunk.data)
        self.last = chunk.at
        if self.first is None:
            self.first = chunk.at

    @property
    def duration(self) -> int:
        """Microseconds from the whole request to the last record."""
        return self.last - self.began


class OngoingExchanges:
    """Keeps the summaries of the exchanges that have not ended."""

    def __init__(self) -> None:
        self._summaries: dict[int | None, Summary] = {}

    def touched(self, records: Sequence[model.AnyRecord]) -> list[Summary]:
        """Add records of any exchanges, and return the summaries that they changed."""
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
