"""What a fault knows of the one response that it changes."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from cassettes.framings.framing import Framing
from cassettes.model import Request
from cassettes.views.job_states import JobState
from replayer.exchange_number import ExchangeId
from replayer.schedule.actions import Schedule


def no_job() -> JobState | None:
    """Return None, as where the response is that to no poll."""
    return None


def no_other_session() -> Schedule | None:
    """Return None, as where there is no other session."""
    return None


@dataclass(frozen=True, kw_only=True)
class FaultContext:
    """One response, as a fault sees it before the first action. Times are microseconds.

    - `request` is the client's, with the cookies that this fault gave it.
    - `now` is the time since the plan came into force.
    - `session` is the number of the client session, from 0; None for a request that belongs to none.
    - `turn` is the number of the request in its session, from 1, and `age` the time since the session's first.
    - `poll` is how often the session has requested this very target, this time included.
    - `exchange` is the recorded exchange that answers; None for a live response.
    - `size` is the length of the body in bytes; None where it is not known beforehand.
    - `framing` is how the events of the response are framed; None for no stream, or to a fault that reads no events.
    - `random` is the only source of chance that a fault may use: the same seed then gives the same responses.
    - `memory` is the fault's own, shared by all responses that it changes while the plan is in force.
    - `job_state` returns the state of the job that the recorded response tells, None where that answers no poll.
    - `other` returns the schedule that another session would get, or None.
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
    framing: Framing | None = None
    memory: MutableMapping[str, Any] = field(default_factory=dict)
    job_state: Callable[[], JobState | None] = no_job
    other: Callable[[], Schedule | None] = no_other_session
