r"""What a response sends and when, as data: a schedule is a tuple of actions in the order of their times.

Times are integer microseconds after the whole request had arrived. All that changes a response (its pace, its faults)
is a pure function from actions to actions. A response with two chunks, half a second apart:

    Head(at=2_000, status=200, reason="OK", headers=(("Content-Type", "text/event-stream"), ...))
    Data(at=2_000, data=b"data: a\n\n")
    Data(at=502_000, data=b"data: b\n\n")
    Finish(at=502_000, how="complete")
"""

from __future__ import annotations

from typing import Literal

import msgspec

from foundation.http.headers import Headers

type Ending = Literal["complete", "close", "reset", "hang"]
"""How a response ends: completely; by closing the connection early; by resetting it (TCP RST); or never."""


class Head(msgspec.Struct, frozen=True):
    """Send the status line and the headers of HTTP/1; `http` is the version, "1.0" or "1.1"."""

    at: int
    status: int
    reason: str
    headers: Headers
    http: str = "1.1"


class Data(msgspec.Struct, frozen=True):
    """Send a chunk of the body, which is not empty."""

    at: int
    data: bytes


class Raw(msgspec.Struct, frozen=True):
    """Send bytes without the framing of the body, after which a client cannot parse the rest."""

    at: int
    data: bytes


class Finish(msgspec.Struct, frozen=True):
    """End the response, with these headers behind a chunked body; it is the last action of a schedule."""

    at: int
    how: Ending
    trailers: Headers = ()


class Idle(msgspec.Struct, frozen=True):
    """Nothing has happened up to this time. Faults are fed it while a live response is silent; schedules have none."""

    at: int


type Action = Head | Data | Raw | Finish
type Schedule = tuple[Action, ...]


def moved[A: Action | Idle](action: A, at: int) -> A:
    """Return the same action at another time."""
    return action if action.at == at else msgspec.structs.replace(action, at=at)
