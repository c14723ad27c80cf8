"""What a fault is: parameters, limits, and how it changes the actions of an answer.

A fault of one's own is a class like those beside this file:

    @dataclass(frozen=True, kw_only=True)
    class Shout(Fault):
        \"\"\"Send every byte in upper case.\"\"\"

        called = "shout"
        example = "shout path=/api/v1/stream"

        def begin(self, context: FaultContext) -> Transform:
            def feed(step: Step) -> Iterator[Step]:
                yield Data(step.at, step.data.upper()) if isinstance(step, Data) else step

            return feed
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from cassettes.model import Request
from replayer.faults.context import FaultContext
from replayer.faults.parameter_types import Duration, Exchange, Fraction, Line, Number, Ordinal
from replayer.schedule.actions import Action, Idle

type Step = Action | Idle
"""What a fault is fed: the actions of an answer in order and, before a live one and while it is silent, `Idle`."""

type Transform = Callable[[Step], Iterable[Step]]
"""Turns each step into those that take its place. What follows an `End` that it gives is dropped, and a time that
runs backwards is held, so that no feed has to look after that."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The limits that every fault has: which requests it hits.

    `counts` says what `nth`, `first`, `every`, `probability` and `times` count: requests, or events of an answer.
    """

    called: ClassVar[str]
    example: ClassVar[str]
    counts: ClassVar[Literal["requests", "events"]] = "requests"

    method: Annotated[Line | None, "only requests of this method"] = None
    path: Annotated[Line | None, "only paths like this; * stands for anything"] = None
    query: Annotated[Line | None, "only queries like this; * stands for anything"] = None
    exchange: Annotated[
        Exchange | None, "only what this recorded exchange answers, 15, or 2.15 of FILE 2"
    ] = None
    session: Annotated[Number | None, "only this live session, counted from 0"] = None
    type: Annotated[Line | None, "only events of this type count"] = None
    nth: Annotated[Ordinal | None, "only the n-th"] = None
    first: Annotated[Ordinal | None, "only the first n"] = None
    every: Annotated[Ordinal | None, "only every n-th"] = None
    probability: Annotated[Fraction | None, "only by chance"] = None
    times: Annotated[Ordinal | None, "only so often"] = None
    after: Annotated[Duration | None, "only from so long after the start on"] = None
    for_: Annotated[Duration | None, "only for so long, from the start or from after="] = None

    @property
    def ticks(self) -> bool:
        """Whether time alone makes something happen: it is fed `Idle` every 10 ms that a live answer is silent."""
        return False

    def hits(self, context: FaultContext) -> bool:
        """Whether an answer that the limits let through is one that the fault is about."""
        return True

    def begin(self, context: FaultContext) -> Transform:
        """How it changes one answer."""
        raise NotImplementedError

    def asked(self, request: Request, memory: Any) -> Request:
        """What the request stands for; most faults change no request."""
        return request
