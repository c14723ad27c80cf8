"""What a replay sends and when, as data: a schedule is a tuple of actions in the order of their times.

Times are integer microseconds since the whole request had arrived. Everything that changes a replay (its
speed, its gaps) is a pure function from schedule to schedule; one player performs the result.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from foundation.http.headers import Headers

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


class Finish(msgspec.Struct, frozen=True):
    """End the response; it is the last action of a schedule."""

    at: int
    how: Ending


class Idle(msgspec.Struct, frozen=True):
    """Nothing happened up to this time: what a live answer says while it is silent. In no schedule."""

    at: int


type Action = Head | Data | Raw | Finish
type Schedule = tuple[Action, ...]


def moved[A: Action | Idle](action: A, at: int) -> A:
    """The same action at another time."""
    return action if action.at == at else msgspec.structs.replace(action, at=at)
