"""Exchanges that are read whole, as far as they are not too large for that."""

from __future__ import annotations

from collections.abc import Iterator

from cassettes import model
from cassettes.file.reader import Cassette, assemble

LARGEST = 4 << 20
"""Bytes of a body that are read; the rest is left out."""


def exchange_within(cassette: Cassette, number: int, most: int = LARGEST) -> model.Exchange:
    """An exchange without the chunks that lie beyond the first `most` bytes of its body; raises CassetteError."""
    return assemble(
        model.CassetteExchange(number), cassette.request(number), list(answer(cassette, number, most))
    )


def answer(cassette: Cassette, number: int, most: int) -> Iterator[model.AnyRecord]:
    """The records of an answer: all until there are `most` bytes, then its last ones without the chunks."""
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
