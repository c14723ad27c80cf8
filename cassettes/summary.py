"""What is worth knowing of an exchange at a glance, gathered record by record."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cassettes import model

ORIGIN = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.\-]*://[^/?#]*")


class Summary:
    """One exchange, as far as it is known. Times are microseconds since the recording began."""

    def __init__(self, request: model.Request) -> None:
        self.exchange = request.exchange
        self.method = request.method
        self.target = ORIGIN.sub("", request.url)
        self.began = request.at
        self.status: int | None = None
        self.media_type = ""
        self.chunks = 0
        self.bytes = 0
        self.first: int | None = None
        self.last = request.at
        self.how = ""
        self.lossy = False

    @classmethod
    def of(cls, exchange: model.Exchange) -> Summary:
        """The summary of a whole exchange."""
        summary = cls(exchange.request)
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
                    self.status, self.media_type = record.status, model.media_type(record.headers)
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
