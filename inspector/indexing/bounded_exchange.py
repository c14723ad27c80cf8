"""Reads an exchange into memory, but no more than a bounded part of its body."""

from __future__ import annotations

from collections.abc import Iterator

from cassettes import model
from cassettes.file.reader import Cassette, assemble

LARGEST = 4 << 20
"""Bytes of a body that are read."""


def exchange_within(cassette: Cassette, number: int, most: int = LARGEST) -> model.Exchange:
    """Read an exchange without the chunks beyond the first `most` bytes of its body; raises CassetteError."""
    return assemble(
        model.CassetteExchange(number),
        cassette.request(number),
        list(response_records(cassette, number, most)),
    )


def response_records(cassette: Cassette, number: int, most: int) -> Iterator[model.AnyRecord]:
    """All records behind the request up to `most` bytes of chunks, then those of the last three that are no chunks."""
    marks = cassette.marks(number)[1:]
    size = 0
    for place, mark in enumerate(marks):
        record = cassette.record(mark)
        if isinstance(record, model.Chunk):
            size += len(record.data)
        if size > most:
            rest = map(cassette.record, marks[max(place, len(marks) - 3) :])
            yield from (record for record in rest if not isinstance(record, model.Chunk))
            return
        yield record
