"""The responses of the admin listener's operations, as structs: sent as JSON, and described in the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from replayer.exchange_number import ShownExchange
from replayer.faults.language.catalogue import FaultEntry
from replayer.journal import JournalEntry
from replayer.schedule.pace import FASTEST, LONGEST_GAP, SLOWEST

type Next = Annotated[int, Meta(description="The `since` that goes on after this page.")]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the server, in numbers; requests and misses count since the journal was cleared."""

    exchanges: int
    requests: int
    misses: int
    open_streams: int
    status: Literal["ok"] = "ok"


class JournalPage(msgspec.Struct, frozen=True):
    """A part of the journal, oldest first."""

    entries: list[JournalEntry]
    next: Next


class MissesPage(msgspec.Struct, frozen=True):
    """Misses, oldest first, with the recorded requests that are nearest and what is different in each."""

    misses: list[JournalEntry]
    next: Next


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A live session.

    `began` is microseconds since the server began, `idle` microseconds since its last request; `recorded` has
    the numbers of the recorded sessions that it plays; `played` is how many different exchanges it was given;
    `tokens` are the latest of its own, shortened so that nobody can take its place with them.
    """

    number: int
    began: int
    idle: int
    recorded: list[int]
    played: int
    tokens: list[str]


class SessionsPage(msgspec.Struct, frozen=True):
    """Live sessions, in the order in which they began."""

    sessions: list[Session]
    next: Next


class RecordedExchange(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange that was recorded, and how often it was played.

    `number` counts through all cassettes, for `since`; `exchange` is written as in the journal. `status` is None when
    the recorded connection ended without an answer.
    """

    number: int
    cassette: str
    exchange: ShownExchange
    method: str
    target: str
    status: int | None
    played: int


class ExchangesPage(msgspec.Struct, frozen=True):
    """Recorded exchanges; `total` of them there are, and `played` is how many of all were played at all."""

    exchanges: list[RecordedExchange]
    next: Next
    total: int
    played: int


class Speed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How time passes: `speed` times as fast as recorded, no wait longer than `max_gap` seconds before that."""

    speed: Annotated[float, Meta(ge=SLOWEST, le=FASTEST)] | Literal["max"]
    max_gap: Annotated[float, Meta(ge=0, le=LONGEST_GAP)] | None = None


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The faults that hold, in their order, as lines; and the seed of their chances, the one before by default."""

    faults: Annotated[list[str], Meta(examples=[["reset after-events=3 path=/api/v1/stream"]])]
    seed: Annotated[int, Meta(ge=0, le=2**53)] | UnsetType = UNSET


class Catalogue(msgspec.Struct, frozen=True):
    """All faults that can be named, and what each takes."""

    faults: list[FaultEntry]
