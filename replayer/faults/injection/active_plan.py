"""Decides which of a plan's faults hit a request, and keeps the counts that this needs.

Chance is drawn for each session's requests by themselves: which faults one client meets does not depend on what
other clients do meanwhile.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, NamedTuple

from cassettes.model import Request
from cassettes.views.job_states import JobState
from replayer.exchange_number import ExchangeId
from replayer.faults.context import FaultContext, no_job, no_other_session
from replayer.faults.fault import Fault, Transform
from replayer.faults.fault_limits import within_counting_limits, within_request_limits
from replayer.faults.language.plan import FaultPlan
from replayer.schedule.actions import Schedule

MOST_REMEMBERED = 10_000
"""Keys in each memory of a plan: its sessions, its polled targets, and what each fault remembers."""


class BoundedMemory(OrderedDict[Any, Any]):
    """A mapping of at most `most` keys: when it is full, the key that was set longest ago is forgotten."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > self._most:
            self.popitem(last=False)


@dataclass(frozen=True, kw_only=True)
class ReceivedRequest:
    """A request before its response: when it came, its session, and the recorded exchange that will answer it.

    The fields are those of FaultContext, but `now` is a time of the server's clock in microseconds.
    """

    request: Request
    now: int
    session: int | None = None
    exchange: ExchangeId | None = None
    job_state: Callable[[], JobState | None] = no_job
    other: Callable[[], Schedule | None] = no_other_session


@dataclass(frozen=True)
class Hit:
    """A fault that changes a response, and the context of that response."""

    fault: Fault
    context: FaultContext

    def begin(self, size: int | None = None) -> Transform:
        """Return what changes the response; `size` is its body's length in bytes, None where it is not known yet."""
        return self.fault.begin(replace(self.context, size=size))


@dataclass
class FaultTally:
    """The counts of one fault: requests within its other limits, those of them that it hit, and its memory."""

    let_through: int = 0
    hits: int = 0
    memory: BoundedMemory = field(default_factory=BoundedMemory)


class RequestCounts(NamedTuple):
    """A request's place in its session: `turn`, `age` and `poll` of FaultContext."""

    turn: int
    age: int
    poll: int


class ActivePlan:
    """A plan that is in force since `began`, a time of the server's clock in microseconds, with its counts."""

    def __init__(self, plan: FaultPlan, began: int) -> None:
        self.plan = plan
        self.began = began
        self._tallies = [FaultTally() for _ in plan.faults]
        self._sessions = BoundedMemory()  # the number of requests of each, and the time of its first
        self._polls = BoundedMemory()

    def original_request(self, request: Request) -> Request:
        """Return a request as it would be without the plan's faults, which can have given its client other cookies."""
        return self._views(request)[0]

    def _views(self, request: Request) -> list[Request]:
        """Return the request without the plan's faults, then the request as each fault's client sent it.

        With the faults [A, B] a response passes A, then B. So the client has the cookies of B:

            request as sent           what B's client sent     views[2]
            B.original_request(...)   what A's client sent     views[1]
            A.original_request(...)   without any fault        views[0]
        """
        views = [request]
        for fault, tally in zip(reversed(self.plan.faults), reversed(self._tallies), strict=True):
            views.append(fault.original_request(views[-1], tally.memory))
        return views[::-1]

    def hits(self, received: ReceivedRequest) -> list[Hit]:
        """Return the faults that hit a request, in the plan's order. It counts: call it once for each request."""
        if not self.plan.faults:
            return []
        counts = self._count(received)
        now = received.now - self.began
        _, *views = self._views(received.request)
        found = []
        for place, (fault, tally) in enumerate(zip(self.plan.faults, self._tallies, strict=True)):
            # The cheap limits come first: a random source for the context takes far longer.
            if not within_request_limits(fault, views[place], received.session, received.exchange, now):
                continue
            context = FaultContext(
                request=views[place],
                random=self._random(place, received.session, counts.turn),
                now=now,
                session=received.session,
                turn=counts.turn,
                age=counts.age,
                poll=counts.poll,
                exchange=received.exchange,
                memory=tally.memory,
                job_state=received.job_state,
                other=received.other,
            )
            if fault.hits(context) and count_hit(fault, tally, context.random):
                found.append(Hit(fault, context))
        return found

    def _count(self, received: ReceivedRequest) -> RequestCounts:
        """Count a request of its session, and of the target that it asks for."""
        turn, first_at = self._sessions.get(received.session, (0, received.now))
        self._sessions[received.session] = turn + 1, first_at
        target = received.session, received.request.method, received.request.url
        poll = self._polls[target] = self._polls.get(target, 0) + 1
        return RequestCounts(turn + 1, received.now - first_at, poll)

    def _random(self, place: int, session: int | None, turn: int) -> Random:
        """Return the random source of one fault for one request, which always draws the same.

        With the plan's seed 7, session 0's third request gets Random("7 0 0 3") for the plan's first fault and
        Random("7 1 0 3") for its second, whatever other sessions asked for before.
        """
        return Random(f"{self.plan.seed} {place} {session} {turn}")  # noqa: S311 - repeatable


def count_hit(fault: Fault, tally: FaultTally, random: Random) -> bool:
    """Count a request that is within the fault's other limits, and return whether those that count let it through.

    A fault that counts events is asked again for each event of the response, so each response is let through.
    """
    if fault.counts == "events":
        return True
    tally.let_through += 1
    hit = within_counting_limits(fault, tally.let_through, tally.hits, random)
    tally.hits += hit
    return hit
