"""What a fault is told of the one answer that it is to change."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from cassettes.model import Request
from replayer.exchange_number import ExchangeId
from replayer.schedule.actions import Schedule


def nobody() -> Schedule | None:
    """There is no other session."""
    return None


@dataclass(frozen=True, kw_only=True)
class FaultContext:
    """One answer, as a fault sees it before it begins. Times are microseconds.

    `request` is the client's, with the cookies that it got from this fault. `now` is the time since the plan began
    to hold. `session` is the client's live session, counted from 0, and None for a request that belongs to none;
    this is its `turn`-th request, counted from 1, `age` after its first. `poll` is how often the session has
    asked for this very target, this time included. `exchange` is the recorded one that answers, None for a live
    answer. `size` is the length of the body, None where it is not known beforehand. `random` is this answer's
    own source, and `memory` what the fault wants to know again at the session's next request. `other` gives what
    another session would get.
    """

    request: Request
    random: Random
    now: int = 0
    session: int | None = None
    turn: int = 1
    age: int = 0
    poll: int = 1
    exchange: ExchangeId | None = None
    size: int | None = None
    memory: MutableMapping[str, Any] = field(default_factory=dict)
    other: Callable[[], Schedule | None] = nobody
