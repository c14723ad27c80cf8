"""The rows that are asked for: filtered, sorted, a page of them.

A row's *position* is the number of its file and its own in one integer, so that many of them are cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import batched
from typing import Any

import msgspec

from foundation.time_slices import Slices, in_slices
from inspector.filter.language import Word, made_ready, parse
from inspector.indexing.columns import HOWS, NONE
from inspector.views.parameters import TableParameters
from inspector.views.row import ExchangeRow, row_of
from inspector.workspace.followed_cassette import FollowedCassette
from inspector.workspace.workspace import Workspace

FILE = 32
"""The bit from which on a position has the number of the file."""

OWN = (1 << FILE) - 1

STEP = 500
"""Rows that are looked at between two looks at the clock."""

type Key = Callable[[int], Any]
"""What an exchange of a file is sorted by, by its number."""


class TablePage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the table; `summed` is false while facts of exchanges are missing, which a filter then leaves out."""

    total: int
    matched: int
    summed: bool
    version: int
    rows: list[ExchangeRow]


async def exchanges(workspace: Workspace, asked: TableParameters) -> TablePage:
    """Tell the rows of the table."""
    version = workspace.version
    found = await positions(workspace, asked.filter, asked.sort)
    rows: list[ExchangeRow] = []
    slices = Slices(workspace.timers)
    for file, number in (place_of(workspace, one) for one in found[asked.since : asked.since + asked.limit]):
        if number < len(file.cassette):  # a file can have been replaced by a shorter one since
            rows.append(row_of(file, number))
        await slices.step()
    return TablePage(
        total=sum(len(file.cassette) for file in workspace.files),
        matched=len(found),
        summed=all(file.summed for file in workspace.files),
        version=version,
        rows=rows,
    )


def place_of(workspace: Workspace, position: int) -> tuple[FollowedCassette, int]:
    """The file and the number of an exchange."""
    return workspace.files[position >> FILE], position & OWN


async def positions(workspace: Workspace, text: str, sort: str = "began") -> Sequence[int]:
    """The positions of all exchanges that match a filter, sorted; raises UsageError.

    What is not summed yet matches only an empty filter, and is sorted behind all that is.
    """
    words = parse(text)
    known = workspace.found.get((text, sort))
    if known is not None and known[0] == workspace.version:
        return known[1]
    version = workspace.version
    found: list[int] = []
    for file in workspace.files:
        await in_slices(matching(file, words, found), workspace.timers)
    column, descending = sort.removeprefix("-"), sort.startswith("-")
    if column != "began":
        found = await ordered(workspace, found, column, descending=descending)
    elif descending:
        found.reverse()
    workspace.remember((text, sort), version, found)
    return found


def matching(file: FollowedCassette, words: Sequence[Word], found: list[int]) -> Iterator[None]:
    """Add the positions of the exchanges of a file that match, a step at a time."""
    begin = file.number << FILE
    if not words:
        found += range(begin, begin + len(file.cassette))
        return
    passing = made_ready(words, file)
    for numbers in batched(range(min(len(file.table), len(file.cassette))), STEP):
        found += [begin + number for number in numbers if all(test(number) for test in passing)]
        yield


async def ordered(workspace: Workspace, found: Sequence[int], column: str, *, descending: bool) -> list[int]:
    """The positions in the order of a column."""
    keys: list[Any] = []
    of_file = [KEYS[column](file) for file in workspace.files]
    ends = [len(file.table) for file in workspace.files]
    summed = [one for one in found if one & OWN < ends[one >> FILE]]

    def look() -> Iterator[None]:
        for some in batched(summed, STEP):
            keys.extend(of_file[one >> FILE](one & OWN) for one in some)
            yield

    await in_slices(look(), workspace.timers)
    order = sorted(range(len(summed)), key=keys.__getitem__, reverse=descending)
    rest = (one for one in found if one & OWN >= ends[one >> FILE])
    return [*(summed[place] for place in order), *rest]


def by_column(name: str) -> Callable[[FollowedCassette], Key]:
    """By the numbers of a column."""
    return lambda file: getattr(file.table, name).__getitem__


def by_kind(column: str, values: str) -> Callable[[FollowedCassette], Key]:
    """By what the numbers of a column stand for."""

    def ready(file: FollowedCassette) -> Key:
        cells, names = getattr(file.table, column), getattr(file.table, values).values
        return lambda number: names[cells[number]]

    return ready


def by_target(file: FollowedCassette) -> Key:
    """By path and query."""
    rows = file.table
    return lambda number: rows.targets[rows.target[number]]


def by_session(file: FollowedCassette) -> Key:
    """By session; those of which it is not known come last."""
    return lambda number: (file.number, NONE if (found := file.session(number)) is None else found)


def by_first_event(file: FollowedCassette) -> Key:
    """By the time to the first event; those without one count as the fastest of all."""
    cells = file.table.first_event
    return lambda number: -1 if cells[number] == NONE else cells[number]


def by_how(file: FollowedCassette) -> Key:
    """By the word for how it ended."""
    cells = file.table.how
    return lambda number: HOWS[cells[number]]


KEYS: dict[str, Callable[[FollowedCassette], Key]] = {
    **{name: by_column(name) for name in ("duration", "status", "events", "errors", "chunks", "bytes")},
    "method": by_kind("method", "methods"),
    "target": by_target,
    "session": by_session,
    "first_event": by_first_event,
    "how": by_how,
    "kind": lambda file: file.kind,
}
"""What can be sorted by, besides the order in which the exchanges began."""
