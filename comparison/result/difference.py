"""A difference between two recordings, and what could not be compared.

The side of the first recording is called `recorded`, the other `live`, whether it was recorded just now or long ago.
Everything is plain data that `msgspec.to_builtins` turns into JSON. Long values are cut: they are only shown.
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
    "answer",
    "usage",
    "deltas",
    "progress",
    "heartbeats",
    "timing",
]
"""What a comparison looks at; the rules switch each on or off."""

ASPECTS: tuple[Aspect, ...] = get_args(Aspect.__value__)

type Change = Literal["changed", "added", "removed", "retyped", "renamed", "moved", "duplicated"]
"""What happened to it from the recorded side to the live one."""

LONGEST_VALUE = 200
"""Characters of a value, after which it is cut."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place on one side: the number of the exchange in its recording, and of the event in its stream.

    Both count from 0, and events include heartbeats (see `cassettes.views.timeline.events`). None when the side has no
    counterpart, or when the place is not an event.
    """

    exchange: int | None = None
    event: int | None = None


NOWHERE = Place()


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in which the live side is not as it was recorded.

    `session` is the number of the recorded session, or of the live one where there is no recorded one. `request` reads
    "POST /api/v1/stream" with "*" for a token; `event` is the type of the event, "" when the difference is not in one.
    `pointer` is a JSON pointer (RFC 6901) into the recorded event or body (into the live one for what was added), or
    the name of a header or cookie. `recorded` and `live` are what each side has, cut; `why` says in one line why it
    counts. `in_answer` says that it is in what the chatbot answered, of which only the wording of texts is ever learned
    as noise. `measure` is the similarity of two texts (0 to 1), or how many times as long something took.
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
    in_answer: bool = False
    measure: float | None = None


class Uncompared(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could not be compared, and why; numbers are None where a side has no counterpart."""

    why: str
    session: int | None = None
    live_session: int | None = None
    request: str = ""
    at: Place = NOWHERE
    live_at: Place = NOWHERE


def shown(value: str) -> str:
    """Returns a value as it is shown, cut after LONGEST_VALUE characters."""
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}... ({len(value)} characters)"
