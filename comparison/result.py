"""What a comparison gives: differences, what could not be compared, and a verdict.

The first recording's side is called `recorded`, the other's `live`, whether it was recorded just now or long ago.
Everything is plain data that `msgspec.to_builtins` turns into JSON. Values are shown, not kept: they are cut.
"""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

type Aspect = Literal[
    "status",
    "headers",
    "cookies",
    "content-type",
    "ending",
    "events",
    "structure",
    "values",
    "texts",
    "progress",
    "heartbeats",
    "timing",
]
"""What is looked at, each on its own switch."""

ASPECTS: tuple[Aspect, ...] = get_args(Aspect.__value__)

type Change = Literal["changed", "added", "removed", "retyped", "renamed", "moved", "duplicated"]
"""What happened on the way from the recorded side to the live one."""

CHANGES: tuple[Change, ...] = get_args(Change.__value__)

type Verdict = Literal["same", "different", "could-not-compare"]

LONGEST_VALUE = 200
"""Characters of a value that are shown."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place on one side: the number of the exchange in its recording, and of the event in its stream.

    Both count from 0, and events include heartbeats (see `cassettes.views.timeline.events`). None where there is none.
    """

    exchange: int | None = None
    event: int | None = None


NOWHERE = Place()


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it was recorded.

    `session` is the recorded one's number, or the live one's where only that is. `request` reads
    "POST /api/v1/stream" with "*" for a token, `event` is the type of the event ("" where it is none), `pointer`
    a JSON pointer (RFC 6901) into the recorded event or body (the live one for what was added), else the name of a
    header or a cookie. `recorded` and `live` are what each side has, shortened; `why` says in one line why it
    counts. `measure` is the similarity of two texts (0 to 1) or how many times as long something took.
    """

    aspect: Aspect
    change: Change
    session: int = 0
    request: str = ""
    at: Place = NOWHERE
    live_at: Place = NOWHERE
    event: str = ""
    pointer: str = ""
    recorded: str = ""
    live: str = ""
    why: str = ""
    measure: float | None = None


class Uncompared(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be compared, and why; numbers are None where a side has nothing."""

    why: str
    session: int | None = None
    live_session: int | None = None
    request: str = ""
    at: Place = NOWHERE
    live_at: Place = NOWHERE


class SessionComparison(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one session; `session` is None for one that only the live side has.

    `pairs` are the exchanges that were compared, (recorded, live); a job stands there with the exchange that
    issued it. `cut` says how many differences there are beyond those that are listed.
    """

    session: int | None
    live_session: int | None
    pairs: tuple[tuple[int, int], ...] = ()
    differences: tuple[Difference, ...] = ()
    uncompared: tuple[Uncompared, ...] = ()
    cut: int = 0


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What came of two recordings. Sessions without a difference are counted and not kept."""

    sessions: int = 0
    exchanges: int = 0
    differences: tuple[Difference, ...] = ()
    uncompared: tuple[Uncompared, ...] = ()
    cut: int = 0

    @property
    def verdict(self) -> Verdict:
        """A difference that was found stands; "same" needs that everything was compared, and anything at all."""
        if self.differences:
            return "different"
        return "could-not-compare" if self.uncompared or not self.exchanges else "same"


def shown(value: str) -> str:
    """A value, cut where it is too long to read."""
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}... ({len(value)} characters)"
