"""The base class of all faults: parameters, limits, and how a fault changes the actions of a response.

A fault of a user's own is a class like those in the folders beside this file:

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
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from cassettes.model import Request
from replayer.faults.context import FaultContext
from replayer.faults.parameter_types import Duration, Exchange, Fraction, Line, Number, Ordinal
from replayer.schedule.actions import Action, Idle

type Step = Action | Idle
"""What a fault is fed: the actions of a response in order and, before and between those of a live one, `Idle`."""

type Transform = Callable[[Step], Iterable[Step]]
"""Turns each step into those that take its place. FaultStage drops what follows a `Finish`, and moves a time that would
run backwards to the latest one before it, so that no transform has to."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault with the limits that every fault has, which choose the requests that it hits.

    `counts` says what `nth`, `first`, `every`, `probability` and `times` count: requests, or events of a response.
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
        """Whether time alone can make it act: then it is fed `Idle` every 10 ms that a live response is silent."""
        return False

    def hits(self, context: FaultContext) -> bool:
        """Return whether the fault applies to a response that its limits let through, as only polls for `fail-job`."""
        return True

    def begin(self, context: FaultContext) -> Transform:
        """Return a new transform, which changes one response."""
        raise NotImplementedError

    def relaxed(self) -> Self:
        """Return the fault without the limits that depend on clients and chance, to see what it can hit at all.

        Limits that count events stay: they depend on the recording.
        """
        free = replace(self, session=None, probability=None, after=None, for_=None)
        return (
            replace(free, nth=None, first=None, every=None, times=None) if self.counts == "requests" else free
        )

    def original_request(self, request: Request, memory: Any) -> Request:
        """Return the request as it would be, had this fault changed no cookies; `memory` is that of the context."""
        return request
