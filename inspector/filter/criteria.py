"""What a word of the filter can ask for, each criterion made ready for a file, so that an exchange costs little."""

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

COMPARED = re.compile(r"(>=|<=|>|<|=|)(.*)", re.DOTALL)
ID = re.compile(r"(\d{1,6})\.(\d{1,9})", re.ASCII)
STATUS = re.compile(r"[1-9]\d\d|[1-9]xx|none", re.ASCII | re.IGNORECASE)
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
    "": operator.eq,
}
KINDS = ("stream", "job", "plain")


class Side(Protocol):
    """A file whose exchanges are filtered, as far as a filter looks at it."""

    number: int
    table: Table

    def session(self, number: int) -> int | None:
        """The session of an exchange."""
        ...

    def job(self, number: int) -> int | None:
        """The first exchange of the job that an exchange belongs to."""
        ...

    def kind(self, number: int) -> str:
        """What an exchange is."""
        ...


type Test = Callable[[int], bool]
"""Whether an exchange of a file matches, by its number."""

type Wanted = Callable[[Side], Test]
"""What is asked for, to be made ready for each file: the columns as they are now."""


def free_text(value: str) -> Wanted:
    """In the method, the path and query, or the status."""
    wanted = value.lower()

    def ready(side: Side) -> Test:
        rows = side.table
        methods = chosen(rows.methods.values, lambda method: wanted in method.lower())
        in_target = remembered(lambda target: wanted in rows.targets[target].lower())
        return lambda number: (
            rows.method[number] in methods
            or in_target(rows.target[number])
            or wanted in str(rows.status[number])
        )

    return ready


def status(value: str) -> Wanted:
    """404, 4xx or none."""
    if not STATUS.fullmatch(value):
        raise UsageError(f"status:{value}: write status:404, status:4xx or status:none")
    if value[1:].lower() == "xx":
        first = int(value[0]) * 100
        return within("status", range(first, first + 100))
    number = 0 if value.lower() == "none" else int(value)
    return within("status", range(number, number + 1))


def within(column: str, values: range | frozenset[int]) -> Wanted:
    """A cell of a column has one of the values."""

    def ready(side: Side) -> Test:
        cells = getattr(side.table, column)
        return lambda number: cells[number] in values

    return ready


def kind(value: str) -> Wanted:
    """A stream, a job or neither."""
    wanted = one_of("kind", value, KINDS)
    return lambda side: lambda number: side.kind(number) == wanted


def how(value: str) -> Wanted:
    """How it ended."""
    wanted = one_of("how", value, HOWS)
    return within("how", chosen(columns.HOWS, lambda one: (one or "unfinished") == wanted))


def method(value: str) -> Wanted:
    """The method, in any case."""

    def ready(side: Side) -> Test:
        known = chosen(side.table.methods.values, lambda one: one.lower() == value.lower())
        return within("method", known)(side)

    return ready


def event(value: str) -> Wanted:
    """Has an event of the type."""

    def ready(side: Side) -> Test:
        return within("types", chosen(side.table.type_sets.values, lambda types: value in types))(side)

    return ready


def path(value: str) -> Wanted:
    """The path, with * for anything."""
    parts = value.split("*")

    def ready(side: Side) -> Test:
        rows = side.table
        fits = remembered(lambda target: like(rows.targets[target].partition("?")[0], parts))
        return lambda number: fits(rows.target[number])

    return ready


def like(text: str, parts: Sequence[str]) -> bool:
    """Whether a text has these parts in this order, with anything between them; linear in the text."""
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


def belongs(key: str) -> Callable[[str], Wanted]:
    """To a session or a job with this id."""

    def read(value: str) -> Wanted:
        found = ID.fullmatch(value)
        if found is None:
            raise UsageError(f"{key}:{value}: write its id, for example {key}:0.3")
        file, wanted = int(found[1]), int(found[2])
        if key == "session":
            return lambda side: lambda number: side.number == file and side.session(number) == wanted
        return lambda side: lambda number: side.number == file and side.job(number) == wanted

    return read


def compared(key: str, column: str, read_amount: Callable[[str], int]) -> Callable[[str], Wanted]:
    """A number that is more or less than another."""

    def read(value: str) -> Wanted:
        found = COMPARED.fullmatch(value)
        assert found is not None
        try:
            amount = read_amount(found[2])
        except ValueError as error:
            raise UsageError(f"{key}:{value}: {error}") from None
        compare = COMPARISONS[found[1]]

        def ready(side: Side) -> Test:
            cells: Sequence[int] = getattr(side.table, column)
            return lambda number: cells[number] != columns.NONE and compare(cells[number], amount)

        return ready

    return read


def count(text: str) -> int:
    """A whole number; raises ValueError."""
    if not re.fullmatch(r"\d{1,18}", text):
        raise ValueError("write a number, for example >10")
    return int(text)


def one_of(key: str, value: str, known: Sequence[str]) -> str:
    """One of the words that there are; raises UsageError."""
    if value.lower() not in known:
        raise UsageError(f"{key}:{value}: write {key}:{', '.join(known)}")
    return value.lower()


def chosen(values: Sequence[Any], wanted: Callable[[Any], bool]) -> frozenset[int]:
    """The places of the values that are wanted."""
    return frozenset(place for place, value in enumerate(values) if wanted(value))


def remembered(test: Callable[[int], bool]) -> Callable[[int], bool]:
    """The test, made once for each number."""
    known: dict[int, bool] = {}

    def answer(number: int) -> bool:
        found = known.get(number)
        if found is None:
            found = known[number] = test(number)
        return found

    return answer


KEYS: dict[str, Callable[[str], Wanted]] = {
    "status": status,
    "kind": kind,
    "method": method,
    "path": path,
    "event": event,
    "how": how,
    "session": belongs("session"),
    "job": belongs("job"),
    "duration": compared("duration", "duration", quantities.duration),
    "first": compared("first", "first_event", quantities.duration),
    "events": compared("events", "events", count),
    "heartbeats": compared("heartbeats", "heartbeats", count),
    "errors": compared("errors", "errors", count),
    "chunks": compared("chunks", "chunks", count),
    "bytes": compared("bytes", "bytes", quantities.size),
}
"""What can be asked for by name."""
