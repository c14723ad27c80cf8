"""What a test reads of its replay: copies of the test server's records, with the same names and fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class RequestDifference:
    """A part of a request that is not as it was recorded."""

    what: str
    expected: str
    found: str


@dataclass(frozen=True)
class Neighbour:
    """A recorded request that is near to a missed one, in what they differ, and the options with which they match."""

    cassette: str
    exchange: int | str
    differences: list[RequestDifference]
    options: list[str]

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        """Return the neighbour of a JSON object."""
        differences = [RequestDifference(**difference) for difference in fields["differences"]]
        return cls(**(fields | {"differences": differences}))


@dataclass(frozen=True, kw_only=True)
class JournalEntry:
    """One request and what became of it.

    `at` is microseconds since the replay began; `why` is "match", "after-last", "lost-session", "miss" or
    "forwarded"; `session` is the client session's number. `cassette` and `exchange` are what was played: 15 for the
    exchange of that number in the one file of the replay, "2.15" for that of the file 2 where there are several,
    both from 0, as a fault's `exchange=` takes it. They are None for a miss, which has `nearest`. `fresh` are the
    values that counted as equal to other recorded ones, because both are fresh by nature. `status` is None when the
    connection ended without a response; `faults` has the faults that changed the response, as lines.
    """

    number: int
    at: int
    method: str
    target: str
    why: str
    session: int | None
    cassette: str | None
    exchange: int | str | None
    status: int | None
    nearest: list[Neighbour]
    fresh: list[RequestDifference]
    faults: list[str]

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        """Return the entry of a JSON object."""
        nearest = [Neighbour.from_json(near) for near in fields["nearest"]]
        fresh = [RequestDifference(**value) for value in fields["fresh"]]
        return cls(**(fields | {"nearest": nearest, "fresh": fresh}))


@dataclass(frozen=True, kw_only=True)
class ClientSession:
    """A client's conversation with the replay.

    `began` and `used` are microseconds since the replay began; `live` has the client's own value for each recorded
    token that it was given.
    """

    number: int
    began: int
    used: int
    live: dict[str, str]
