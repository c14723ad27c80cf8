"""A plan at work: which faults hit which request.

What is counted is counted here. Chance is drawn for each session's requests by themselves, so that what one client
meets does not depend on what others do meanwhile.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from cassettes.model import Request
from replayer.exchange_number import ExchangeId
from replayer.faults.context import FaultContext, nobody
from replayer.faults.fault import Fault, Transform
from replayer.faults.hit_limits import chosen, concerns
from replayer.faults.language.plan import FaultPlan
from replayer.schedule.actions import Schedule

MOST_REMEMBERED = 10_000
"""Sessions, polled targets, and what a fault remembers: of more, what was not used for longest is forgotten."""


class Memory(OrderedDict[Any, Any]):
    """A mapping that is bounded: beyond `most` keys, the one that was set first is forgotten."""

    most = MOST_REMEMBERED

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > self.most:
            self.popitem(last=False)


@dataclass(frozen=True, kw_only=True)
class ReceivedRequest:
    """A request before it is answered: whose it is, and which recorded exchange will answer it."""

    request: Request
    now: int
    session: int | None = None
    exchange: ExchangeId | None = None
    other: Callable[[], Schedule | None] = nobody


@dataclass(frozen=True)
class Hit:
    """A fault that hits an answer."""

    fault: Fault
    context: FaultContext

    def begin(self, size: int | None = None) -> Transform:
        """How it changes the answer, whose body has so many bytes; None where that is not known beforehand."""
        return self.fault.begin(replace(self.context, size=size))


@dataclass
class FaultTally:
    """What is counted of one fault."""

    let_through: int = 0
    hits: int = 0
    memory: Memory = field(default_factory=Memory)


class ActivePlan:
    """Holds a plan from `began` on, a time of the server's clock in microseconds, and counts what it must."""

    def __init__(self, plan: FaultPlan, began: int) -> None:
        self.plan = plan
        self.began = began
        self._tallies = [FaultTally() for _ in plan.faults]
        self._turns: Memory = Memory()
        self._polls: Memory = Memory()

    def meant(self, request: Request) -> Request:
        """What a request stands for, where a fault gave its client other cookies."""
        return self._views(request)[0]

    def _views(self, request: Request) -> list[Request]:
        """What a request stands for, and what it is to each fault: the last one's cookies are those that were sent."""
        views = [request]
        for fault, tally in zip(reversed(self.plan.faults), reversed(self._tallies), strict=True):
            views.append(fault.asked(views[-1], tally.memory))
        return views[::-1]

    def hits(self, asked: ReceivedRequest) -> list[Hit]:
        """The faults that hit a request, in the plan's order. Ask once for each request."""
        if not self.plan.faults:
            return []
        turn, began = self._turns.get(asked.session, (0, asked.now))
        turn += 1
        self._turns[asked.session] = turn, began
        now = asked.now - self.began
        target = asked.session, asked.request.method, asked.request.url
        poll = self._polls[target] = self._polls.get(target, 0) + 1
        found = []
        views = self._views(asked.request)[1:]
        for place, (fault, tally) in enumerate(zip(self.plan.faults, self._tallies, strict=True)):
            if not concerns(fault, views[place], asked.session, asked.exchange, now):
                continue  # before a source of chances is made, which takes far longer
            context = FaultContext(
                request=views[place],
                random=Random(f"{self.plan.seed} {place} {asked.session} {turn}"),  # noqa: S311 - repeatable
                now=now,
                session=asked.session,
                turn=turn,
                age=asked.now - began,
                poll=poll,
                exchange=asked.exchange,
                memory=tally.memory,
                other=asked.other,
            )
            if fault.hits(context) and counted(fault, tally, context.random):
                found.append(Hit(fault, context))
        return found


def counted(fault: Fault, tally: FaultTally, random: Random) -> bool:
    """Whether a fault hits this one of the answers that it is about; it counts now."""
    if fault.counts == "events":
        return True
    tally.let_through += 1
    hit = chosen(fault, tally.let_through, tally.hits, random)
    tally.hits += hit
    return hit
