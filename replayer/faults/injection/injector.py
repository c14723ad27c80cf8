"""The faults that hold now: the server's plan, and what a request asks for itself in `X-Chatreel-Fault`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from cassettes.model import Request
from foundation.clock import Clock
from foundation.http.headers import values, without
from replayer.exchange_number import ExchangeId
from replayer.faults.context import nobody
from replayer.faults.injection.active_plan import ActivePlan, Hit, Memory, ReceivedRequest
from replayer.faults.language.plan import FaultPlan, plan_of
from replayer.http1.request_parser import Incoming
from replayer.schedule.actions import Schedule

HEADER = "X-Chatreel-Fault"


class Visit(NamedTuple):
    """A request without what is ours in it, what the client sent for that, and the plans that it meets."""

    incoming: Incoming
    sent: Request
    plans: Sequence[ActivePlan]


class Plans(Memory):
    """The plans that requests ask for, by the lines of their headers."""

    most = 100


class FaultInjector:
    """Says which faults hit which request.

    `header` says whether requests may ask for faults themselves; `say` is told once when one does in vain.
    """

    def __init__(self, plan: FaultPlan, *, header: bool, clock: Clock, say: Callable[[str], None]) -> None:
        self._header = header
        self._clock = clock
        self._say = say
        self._told = False
        self.plan = plan

    @property
    def plan(self) -> FaultPlan:
        """The plan that holds; a new one begins to count anew, and hits the requests that come from now on."""
        return self._arming.plan

    @plan.setter
    def plan(self, plan: FaultPlan) -> None:
        self._arming = ActivePlan(plan, self._clock.now())
        self._asked_for = Plans()

    def visit(self, incoming: Incoming) -> Visit:
        """Take out of a request what is ours; raises UsageError for a fault that is none."""
        sent = incoming.request
        plans = [self._arming]
        if lines := values(sent.headers, HEADER):
            if self._header:
                plans.append(self._own(tuple(lines)))
                sent = msgspec.structs.replace(sent, headers=without(sent.headers, HEADER.lower()))
            else:
                self._refuse_header()
        meant = sent
        for plan in reversed(plans):  # the last one's cookies are those that were sent
            meant = plan.meant(meant)
        if meant is not incoming.request:
            incoming = msgspec.structs.replace(incoming, request=meant)
        return Visit(incoming, sent, plans)

    def _own(self, lines: tuple[str, ...]) -> ActivePlan:
        """The plan that a request asks for: requests that ask for the same are counted together."""
        plan = self._asked_for.get(lines) or ActivePlan(plan_of(lines, self.plan.seed), self._clock.now())
        self._asked_for[lines] = plan
        return plan

    def _refuse_header(self) -> None:
        if not self._told:
            self._told = True
            self._say(f"warning: {HEADER} has no effect without --allow-fault-header")

    def hits(
        self,
        visit: Visit,
        *,
        session: int | None = None,
        exchange: ExchangeId | None = None,
        other: Callable[[], Schedule | None] = nobody,
    ) -> list[Hit]:
        """The faults that hit an answer. Ask once for each request."""
        asked = ReceivedRequest(
            request=visit.sent, now=self._clock.now(), session=session, exchange=exchange, other=other
        )
        return [hit for plan in visit.plans for hit in plan.hits(asked)]
