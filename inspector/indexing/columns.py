"""The facts of all exchanges of a cassette in columns: some 60 bytes an exchange besides its path and query.

A filter or a sort reads one column from end to end. Values that repeat stand in a column as numbers:

    exchange          0                 1           2
    method            1                 1           2          methods.values = ["", "GET", "POST"]
    target            0                 1           0          targets[0] = "/health", targets[1] = "/jobs/1"
    status            200               404         0          0: no response
    first_event       NONE              NONE        3000       microseconds; NONE: no event
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable

from cassettes import model
from inspector.indexing.exchange_facts import Facts
from inspector.indexing.string_column import StringColumn

LARGEST = {"H": 2**16 - 1, "I": 2**32 - 1, "Q": 2**64 - 1}
HOWS = ("", *model.HOWS)
NONE = 2**64 - 1


class SharedValues[Value: Hashable]:
    """Values that many rows share, each under a 16-bit number; when all are taken, a new value counts as the first."""

    def __init__(self, first: Value) -> None:
        self.values = [first]
        self._numbers = {first: 0}

    def keep(self, value: Value) -> int:
        """Keep a value, and return its number."""
        number = self._numbers.get(value)
        if number is None:
            if len(self.values) > LARGEST["H"]:
                return 0
            number = self._numbers[value] = len(self.values)
            self.values.append(value)
        return number


class Table:
    """The facts of exchanges, from 0 on without a gap. The columns are arrays of the same length.

    The cells of `method`, `host`, `media_type` and `types` are numbers in `methods`, `hosts`, `media_types` and
    `type_sets`, those of `target` numbers in `targets`, those of `how` places in `HOWS`. `status` is 0 and
    `first_event` is NONE where there is none.
    """

    def __init__(self) -> None:
        self.methods, self.hosts, self.media_types = (SharedValues("") for _ in range(3))
        self.type_sets: SharedValues[tuple[str, ...]] = SharedValues(())
        self.targets = StringColumn()
        self.method, self.host, self.media_type, self.types, self.status = (array("H") for _ in range(5))
        self.target, self.events, self.heartbeats, self.errors, self.chunks = (array("I") for _ in range(5))
        self.bytes, self.began, self.duration, self.first_event = (array("Q") for _ in range(4))
        self.how, self.lossy, self.stream = bytearray(), bytearray(), bytearray()

    def __len__(self) -> int:
        return len(self.how)

    def put(self, number: int, facts: Facts) -> None:
        """Set the facts of an exchange that is in the table, or append those of the next one."""
        for column, value in zip(self._columns(), self._cells(facts), strict=True):
            if number == len(column):
                column.append(value)
            else:
                column[number] = value

    def facts(self, number: int) -> Facts:
        """The facts of an exchange, as they were put."""
        first = self.first_event[number]
        return Facts(
            method=self.methods.values[self.method[number]],
            host=self.hosts.values[self.host[number]],
            target=self.targets[self.target[number]],
            began=self.began[number],
            duration=self.duration[number],
            status=self.status[number] or None,
            media_type=self.media_types.values[self.media_type[number]],
            events=self.events[number],
            heartbeats=self.heartbeats[number],
            errors=self.errors[number],
            chunks=self.chunks[number],
            bytes=self.bytes[number],
            first_event=None if first == NONE else first,
            how=HOWS[self.how[number]],
            lossy=bool(self.lossy[number]),
            types=self.type_sets.values[self.types[number]],
            stream=bool(self.stream[number]),
        )

    @property
    def size(self) -> int:
        """The memory that the rows take, in bytes, without the values that rows share."""
        columns = self._columns()
        widths = (column.itemsize if isinstance(column, array) else 1 for column in columns)
        return len(self) * sum(widths) + self.targets.size

    def _columns(self) -> tuple[array[int] | bytearray, ...]:
        return (
            self.method, self.host, self.media_type, self.types, self.status,
            self.target, self.events, self.heartbeats, self.errors, self.chunks,
            self.bytes, self.began, self.duration, self.first_event,
            self.lossy, self.stream, self.how,
        )  # fmt: skip

    def _cells(self, facts: Facts) -> tuple[int, ...]:
        most = LARGEST["I"]
        return (
            self.methods.keep(facts.method),
            self.hosts.keep(facts.host),
            self.media_types.keep(facts.media_type),
            self.type_sets.keep(facts.types),
            facts.status or 0,
            self.targets.keep(facts.target),
            *(min(count, most) for count in (facts.events, facts.heartbeats, facts.errors, facts.chunks)),
            facts.bytes,
            facts.began,
            facts.duration,
            NONE if facts.first_event is None else max(0, facts.first_event),
            facts.lossy,
            facts.stream,
            HOWS.index(facts.how),
        )
