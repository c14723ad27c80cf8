"""The criteria of the filter: what a word such as `status:4xx` means, and how it is tested.

A word becomes a test of exchanges in two steps, so that testing an exchange costs little:

    criterion = status("4xx")             reads the value once; raises UsageError where it makes no sense
    matches = criterion(file)             looks up the file's columns, and what of their values matches
    matches(17)                           compares a number or two
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from cassettes.model import HOWS
from foundation import quantities
from foundation.errors import UsageError
from inspector.indexing import columns
from inspector.indexing.columns import Table
from inspector.indexing.found_text import FoundText
from inspector.indexing.text_search import TextPlace, TextTerm

COMPARISON = re.compile(r"(>=|<=|>|<|=|)(.*)", re.DOTALL)
ID = re.compile(r"(\d{1,6})\.(\d{1,9})", re.ASCII)
FILE = re.compile(r"\d{1,6}", re.ASCII)
PORT = re.compile(r":\d*$", re.ASCII)
STATUS = re.compile(r"[1-9]\d\d|[1-9]xx|none", re.ASCII | re.IGNORECASE)
OPERATORS: dict[str, Callable[[int, int], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
    "": operator.eq,
}
KINDS = ("stream", "job", "plain")


class FilteredFile(Protocol):
    """What a filter reads of a file: the number of the file, the facts of its exchanges, and their groups."""

    number: int
    table: Table

    def session(self, number: int) -> int | None:
        """The session of an exchange."""
        ...

    def job(self, number: int) -> int | None:
        """The first exchange of the job that an exchange belongs to."""
        ...

    def kind(self, number: int) -> str:
        """One of `KINDS`."""
        ...

    def text(self, term: TextTerm) -> FoundText:
        """The exchanges that have a text, as far as they are found; asking begins the search."""
        ...


type Matches = Callable[[int], bool]
"""Whether an exchange of one file matches, by its number."""

type Criterion = Callable[[FilteredFile], Matches]
"""One word of the filter, to be prepared for each file; it sees the columns as they are at that moment."""


class TextCriterion:
    """Matches what has a text in a place, in any case; what is not searched yet matches when it comes to be found."""

    def __init__(self, place: TextPlace, value: str) -> None:
        self.term = TextTerm(place, value.lower())

    def __call__(self, file: FilteredFile) -> Matches:
        """The test for the exchanges of a file."""
        found = file.text(self.term)
        if self.term.place != "anywhere":
            return lambda number: number in found
        in_columns = columns_have(self.term.text)(file)
        return lambda number: in_columns(number) or number in found


def text(place: TextPlace) -> Callable[[str], Criterion]:
    """The criterion that finds a text in a place."""
    return lambda value: TextCriterion(place, value)


def columns_have(wanted: str) -> Criterion:
    """Matches a text in the method, the host, the path and query, or the status: these are known without a search."""

    def prepare(file: FilteredFile) -> Matches:
        rows = file.table
        methods = matching_places(rows.methods.values, lambda method: wanted in method.lower())
        hosts = matching_places(rows.hosts.values, lambda known: wanted in known)
        in_target = memoized(lambda target: wanted in rows.targets[target].lower())
        return lambda number: (
            rows.method[number] in methods
            or rows.host[number] in hosts
            or in_target(rows.target[number])
            or wanted in str(rows.status[number])
        )

    return prepare


def status(value: str) -> Criterion:
    """Matches `404`, `4xx`, or `none` for an exchange without a response."""
    if not STATUS.fullmatch(value):
        raise UsageError(f"status:{value}: write status:404, status:4xx or status:none")
    if value[1:].lower() == "xx":
        first = int(value[0]) * 100
        return cell_in("status", range(first, first + 100))
    number = 0 if value.lower() == "none" else int(value)
    return cell_in("status", range(number, number + 1))


def kind(value: str) -> Criterion:
    """Matches the exchanges of a kind."""
    wanted = one_of("kind", value, KINDS)
    return lambda file: lambda number: file.kind(number) == wanted


def how(value: str) -> Criterion:
    """Matches how the exchange ended, or `unfinished`."""
    wanted = one_of("how", value, HOWS)
    return cell_in("how", matching_places(columns.HOWS, lambda one: (one or "unfinished") == wanted))


def method(value: str) -> Criterion:
    """Matches the method, in any case."""

    def prepare(file: FilteredFile) -> Matches:
        methods = matching_places(file.table.methods.values, lambda one: one.lower() == value.lower())
        return cell_in("method", methods)(file)

    return prepare


def event(value: str) -> Criterion:
    """Matches streams that have an event of the type."""

    def prepare(file: FilteredFile) -> Matches:
        sets = matching_places(file.table.type_sets.values, lambda types: value in types)
        return cell_in("types", sets)(file)

    return prepare


def path(value: str) -> Criterion:
    """Matches the path without its query; `*` stands for any characters."""
    parts = value.split("*")

    def prepare(file: FilteredFile) -> Matches:
        rows = file.table
        fits = memoized(lambda target: matches_pattern(rows.targets[target].partition("?")[0], parts))
        return lambda number: fits(rows.target[number])

    return prepare


def host(value: str) -> Criterion:
    """Matches the host, with its port or without, in any case; `*` stands for any characters."""
    parts = value.lower().split("*")

    def fits(known: str) -> bool:
        return matches_pattern(known, parts) or matches_pattern(PORT.sub("", known), parts)

    return lambda file: cell_in("host", matching_places(file.table.hosts.values, fits))(file)


def file_number(value: str) -> Criterion:
    """Matches the exchanges of the file with the number."""
    if not FILE.fullmatch(value):
        raise UsageError(f"file:{value}: write the number of a file, for example file:0")
    wanted = int(value)
    return lambda file: lambda _number: file.number == wanted


def matches_pattern(text: str, parts: Sequence[str]) -> bool:
    """Whether a text is these parts in this order with any characters between them; linear in the text.

    >>> matches_pattern("/jobs/job_1/events", ["/jobs/", "/events"])
    True
    >>> matches_pattern("/jobs/job_1", ["/jobs/", "/events"])
    False
    """
    if len(parts) == 1:
        return text == parts[0]
    first, *middle, last = parts
    place, end = len(first), len(text) - len(last)
    if not text.startswith(first) or not text.endswith(last):
        return False
    for part in middle:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return place <= end


def group(key: str) -> Callable[[str], Criterion]:
    """The criterion for `session:` or `job:`, which matches the exchanges of the group with the id."""

    def read(value: str) -> Criterion:
        found = ID.fullmatch(value)
        if found is None:
            raise UsageError(f"{key}:{value}: write its id, for example {key}:0.3")
        in_file, wanted = int(found[1]), int(found[2])
        if key == "session":
            return lambda file: lambda number: file.number == in_file and file.session(number) == wanted
        return lambda file: lambda number: file.number == in_file and file.job(number) == wanted

    return read


def comparison(key: str, column: str, read_amount: Callable[[str], int]) -> Callable[[str], Criterion]:
    """The criterion for `duration:>2s` and its like, which compares a column; a missing value never matches."""

    def read(value: str) -> Criterion:
        found = COMPARISON.fullmatch(value)
        assert found is not None
        try:
            amount = read_amount(found[2])
        except ValueError as error:
            raise UsageError(f"{key}:{value}: {error}") from None
        compare = OPERATORS[found[1]]

        def prepare(file: FilteredFile) -> Matches:
            cells: Sequence[int] = getattr(file.table, column)
            return lambda number: cells[number] != columns.NONE and compare(cells[number], amount)

        return prepare

    return read


def cell_in(column: str, values: range | frozenset[int]) -> Criterion:
    """Matches when the cell of a column has one of the values."""

    def prepare(file: FilteredFile) -> Matches:
        cells = getattr(file.table, column)
        return lambda number: cells[number] in values

    return prepare


def matching_places(values: Sequence[Any], wanted: Callable[[Any], bool]) -> frozenset[int]:
    """The places of the values that are wanted."""
    return frozenset(place for place, value in enumerate(values) if wanted(value))


def memoized(test: Callable[[int], bool]) -> Callable[[int], bool]:
    """The test, which runs only once for each number: few different paths stand in many rows."""
    results: dict[int, bool] = {}

    def result(number: int) -> bool:
        known = results.get(number)
        if known is None:
            known = results[number] = test(number)
        return known

    return result


def count(text: str) -> int:
    """A whole number; raises ValueError."""
    if not re.fullmatch(r"\d{1,18}", text):
        raise ValueError("write a number, for example >10")
    return int(text)


def one_of(key: str, value: str, known: Sequence[str]) -> str:
    """The value in lower case, when it is one of the known words; raises UsageError."""
    if value.lower() not in known:
        raise UsageError(f"{key}:{value}: write {key}:{', '.join(known)}")
    return value.lower()


CRITERIA: dict[str, Callable[[str], Criterion]] = {
    "status": status,
    "kind": kind,
    "method": method,
    "host": host,
    "path": path,
    "header": text("header"),
    "body": text("body"),
    "answer": text("answer"),
    "event": event,
    "how": how,
    "file": file_number,
    "session": group("session"),
    "job": group("job"),
    "duration": comparison("duration", "duration", quantities.duration),
    "first": comparison("first", "first_event", quantities.duration),
    "events": comparison("events", "events", count),
    "heartbeats": comparison("heartbeats", "heartbeats", count),
    "errors": comparison("errors", "errors", count),
    "chunks": comparison("chunks", "chunks", count),
    "bytes": comparison("bytes", "bytes", quantities.size),
}
"""The criteria by the key before the colon; each reads the value behind it, and raises UsageError."""
