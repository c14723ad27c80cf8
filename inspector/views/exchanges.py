"""The table of exchanges: filtered, sorted, and a page of its rows.

A row's *position* is the number of its file and that of its exchange in one integer, so that many of them are cheap:
exchange 1.2 has the position 1 << 32 | 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import batched
from typing import Any

import msgspec

from foundation.time_slices import Slices, in_slices
from inspector.filter.language import Word, parse, prepared, text_terms
from inspector.indexing.columns import HOWS, NONE
from inspector.indexing.text_search import TextTerm
from inspector.views.parameters import TableParameters
from inspector.views.row import ExchangeRow, row_of
from inspector.workspace.followed_cassette import FollowedCassette
from inspector.workspace.workspace import Workspace

FILE_SHIFT = 32
"""The bits of a position below the number of the file."""

NUMBER_MASK = (1 << FILE_SHIFT) - 1

STEP = 500
"""Rows that are tested, or whose sort keys are read, between two looks at the clock."""

type SortKey = Callable[[int], Any]
"""The value by which an exchange of one file is sorted, by its number."""


class TablePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the table: `matched` of `total` exchanges pass the filter.

    `summed` is false while exchanges are not indexed yet; a filter leaves these out. `hosts` counts the hosts of all
    that are indexed. `searched` is how many of the exchanges were looked through for the texts of the filter, in
    percent: until it is 100, more may match.
    """

    total: int
    matched: int
    summed: bool
    searched: int
    hosts: int
    version: int
    rows: list[ExchangeRow]


async def exchanges(workspace: Workspace, parameters: TableParameters) -> TablePage:
    """A page of the rows that match the filter, sorted; raises UsageError, CassetteError."""
    version = workspace.version
    found = await positions(workspace, parameters.filter, parameters.sort)
    rows: list[ExchangeRow] = []
    slices = Slices(workspace.timers)
    for file, number in (
        place_of(workspace, one) for one in found[parameters.since : parameters.since + parameters.limit]
    ):
        if number < len(file.cassette):  # a file can have been replaced by a shorter one since
            rows.append(row_of(file, number))
        await slices.step()
    return TablePage(
        total=sum(len(file.cassette) for file in workspace.files),
        matched=len(found),
        summed=all(file.is_indexed for file in workspace.files),
        searched=searched(workspace, text_terms(parse(parameters.filter))),
        hosts=len({host for file in workspace.files for host in file.table.hosts.values if host}),
        version=version,
        rows=rows,
    )


def searched(workspace: Workspace, terms: Sequence[TextTerm]) -> int:
    """How many exchanges were looked through for all these texts, in percent, rounded down."""
    files = [file for file in workspace.files if not file.trouble]
    done = sum(min(file.text(term).searched, len(file.cassette)) for file in files for term in terms)
    total = len(terms) * sum(len(file.cassette) for file in files)
    return done * 100 // total if total else 100


async def search_to_the_end(workspace: Workspace, text: str) -> None:
    """Wait until all exchanges are looked through for the texts of a filter; raises UsageError."""
    terms = text_terms(parse(text))
    await workspace.until(lambda: searched(workspace, terms) == 100)


def place_of(workspace: Workspace, position: int) -> tuple[FollowedCassette, int]:
    """The file and the number of the exchange at a position."""
    return workspace.files[position >> FILE_SHIFT], position & NUMBER_MASK


async def positions(workspace: Workspace, text: str, sort: str = "began") -> Sequence[int]:
    """The positions of all exchanges that match a filter, sorted; raises UsageError.

    An exchange that is not indexed yet matches only an empty filter, and is sorted behind all that are.
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
    """Add the positions of the exchanges of a file that match, with a `yield` behind each step."""
    begin = file.number << FILE_SHIFT
    if not words:
        found += range(begin, begin + len(file.cassette))
        return
    tests = prepared(words, file)
    for numbers in batched(range(min(len(file.table), len(file.cassette))), STEP):
        found += [begin + number for number in numbers if all(matches(number) for matches in tests)]
        yield


async def ordered(workspace: Workspace, found: Sequence[int], column: str, *, descending: bool) -> list[int]:
    """The positions in the order of a column; those that are not indexed yet come last, as they are."""
    keys: list[Any] = []
    keys_of = [SORT_KEYS[column](file) for file in workspace.files]
    indexed_up_to = [len(file.table) for file in workspace.files]
    indexed = [one for one in found if one & NUMBER_MASK < indexed_up_to[one >> FILE_SHIFT]]

    def read_keys() -> Iterator[None]:
        for some in batched(indexed, STEP):
            keys.extend(keys_of[one >> FILE_SHIFT](one & NUMBER_MASK) for one in some)
            yield

    await in_slices(read_keys(), workspace.timers)
    order = sorted(range(len(indexed)), key=keys.__getitem__, reverse=descending)
    rest = (one for one in found if one & NUMBER_MASK >= indexed_up_to[one >> FILE_SHIFT])
    return [*(indexed[place] for place in order), *rest]


def by_column(name: str) -> Callable[[FollowedCassette], SortKey]:
    """Sort by the cells of a column."""
    return lambda file: getattr(file.table, name).__getitem__


def by_shared_value(column: str, values: str) -> Callable[[FollowedCassette], SortKey]:
    """Sort by the values whose numbers stand in a column."""

    def prepare(file: FollowedCassette) -> SortKey:
        cells, names = getattr(file.table, column), getattr(file.table, values).values
        return lambda number: names[cells[number]]

    return prepare


def by_target(file: FollowedCassette) -> SortKey:
    """Sort by path and query."""
    rows = file.table
    return lambda number: rows.targets[rows.target[number]]


def by_session(file: FollowedCassette) -> SortKey:
    """Sort by session; exchanges whose session is not known yet come last."""
    return lambda number: (file.number, NONE if (found := file.session(number)) is None else found)


def by_first_event(file: FollowedCassette) -> SortKey:
    """Sort by the time to the first event; exchanges without one come first."""
    cells = file.table.first_event
    return lambda number: -1 if cells[number] == NONE else cells[number]


def by_wall_clock(file: FollowedCassette) -> SortKey:
    """Sort by the time of day; exchanges of a recording that does not tell its time come first."""
    began = file.table.began
    return lambda number: (file.recorded_at(number) or 0) + began[number]


def by_how(file: FollowedCassette) -> SortKey:
    """Sort by the word for how the exchange ended."""
    cells = file.table.how
    return lambda number: HOWS[cells[number]]


SORT_KEYS: dict[str, Callable[[FollowedCassette], SortKey]] = {
    **{name: by_column(name) for name in ("duration", "status", "events", "errors", "chunks", "bytes")},
    "began_at": by_wall_clock,
    "method": by_shared_value("method", "methods"),
    "host": by_shared_value("host", "hosts"),
    "target": by_target,
    "session": by_session,
    "first_event": by_first_event,
    "how": by_how,
    "kind": lambda file: file.kind,
}
"""The columns that can be sorted by, besides `began`, which is the order of the file."""
