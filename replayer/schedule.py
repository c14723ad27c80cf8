"""What a replay sends and when, as data: a schedule is a tuple of actions in the order of their times.

Times are integer microseconds since the whole request had arrived. Everything that changes a replay (its
speed, its gaps) is a pure function from schedule to schedule; one player performs the result.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from cassettes.model import Exchange, Headers, How
from replayer.headers import http1_headers, http1_version

type Ending = Literal["complete", "close", "reset", "hang"]
"""How a response ends: whole; by closing the connection early; by resetting it; or never."""


class Head(msgspec.Struct, frozen=True):
    """Send the status line and the headers, as HTTP/1 has them; `http` is the version, "1.0" or "1.1"."""

    at: int
    status: int
    reason: str
    headers: Headers
    http: str = "1.1"


class Data(msgspec.Struct, frozen=True):
    """Send a chunk of the body, never empty."""

    at: int
    data: bytes


class Raw(msgspec.Struct, frozen=True):
    """Send bytes as they are, outside the framing of the body: no client can make sense of what follows."""

    at: int
    data: bytes


class End(msgspec.Struct, frozen=True):
    """End the response; it is the last action of a schedule."""

    at: int
    how: Ending


class Idle(msgspec.Struct, frozen=True):
    """Nothing happened up to this time: what a live answer says while it is silent. In no schedule."""

    at: int


type Action = Head | Data | Raw | End
type Schedule = tuple[Action, ...]

ENDINGS: dict[How, Ending] = {
    "complete": "complete",
    "server-closed": "close",
    "reset": "reset",
    # What the server would have sent after that was never seen. Closing tells the client that it is missing.
    "client-closed": "close",
    "unfinished": "close",
    "error": "close",
}


def schedule_of(exchange: Exchange) -> Schedule:
    """What was recorded of a response, at its recorded times.

    An exchange without a response is a connection that closes (or is reset) without an answer. What was
    recorded before the whole request had arrived is due at 0; a time that runs backwards is held.
    """
    actions: list[Action] = []
    latest = 0

    def offset(at: int) -> int:
        nonlocal latest
        latest = max(latest, at - exchange.request.at)
        return latest

    response = exchange.response
    if response is not None:
        headers, http = http1_headers(exchange, response), http1_version(response)
        actions.append(Head(offset(response.at), response.status, response.reason, headers, http))
    actions += [Data(offset(chunk.at), chunk.data) for chunk in exchange.chunks if chunk.data]
    how = ENDINGS[exchange.end.how] if response is not None or exchange.end.how == "reset" else "close"
    return (*actions, End(offset(exchange.end.at), how))


def cap_gaps(schedule: Schedule, max_gap: int) -> Schedule:
    """Shorten every wait that is longer than `max_gap` microseconds, the one before the first action too."""
    capped: list[Action] = []
    recorded = played = 0
    for action in schedule:
        played += min(action.at - recorded, max_gap)
        recorded = action.at
        capped.append(moved(action, played))
    return tuple(capped)


def scale(schedule: Schedule, speed: float) -> Schedule:
    """Play `speed` times as fast; infinity is at once.

    Each time is divided and rounded once, from the start, so that errors do not add up.
    """
    return tuple(moved(action, round(action.at / speed)) for action in schedule)


def moved[A: Action | Idle](action: A, at: int) -> A:
    """The same action at another time."""
    return action if action.at == at else msgspec.structs.replace(action, at=at)
