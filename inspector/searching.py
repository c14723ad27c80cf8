"""The rows that are asked for: filtered, sorted, a page of them."""

from __future__ import annotations

import msgspec

from inspector.asking import ExchangesQuestion
from inspector.inspection import Inspection
from inspector.rows import Row, row_of


class ExchangesPage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the table; `summed` is false while facts of exchanges are missing, which a filter then leaves out."""

    total: int
    matched: int
    summed: bool
    version: int
    rows: list[Row]


async def exchanges(inspection: Inspection, asked: ExchangesQuestion) -> ExchangesPage:
    """Tell the rows of the table."""
    everything = [(file, number) for file in inspection.files for number in range(len(file.cassette))]
    page = everything[asked.since : asked.since + asked.limit]
    return ExchangesPage(
        total=len(everything),
        matched=len(everything),
        summed=all(file.summed for file in inspection.files),
        version=inspection.version,
        rows=[row_of(file, number) for file, number in page],
    )
