"""The faults that hold now: the server's plan, and what a request asks for itself in `X-Chatreel-Fault`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from cassettes.model import Request, values
from replayer.clock import Clock
from replayer.faults.arming import Arming, Asked, Hit
from replayer.faults.plan import Plan, plan_of
from replayer.faults.scene import nobody
from replayer.headers import without
from replayer.incoming import Incoming
from replayer.schedule import Schedule

HEADER = "X-Chatreel-Fault"

NO_FAULTS = Plan()


class Visit(NamedTuple):
    """A request without what is ours in it, what the client sent for that, and the faults that it asks for itself."""

    incoming: Incoming
    sent: Request
    asked_for: Plan


class Breaking:
    """Says which faults hit which request.

    `header` says whether requests may ask for faults themselves; `say` is told once when one does in vain.
    """

    def __init__(self, plan: Plan, *, header: bool, clock: Clock, say: Callable[[str], None]) -> None:
        self._header = header
        self._clock = clock
        self._say = say
        self._told = False
        self.plan = plan

    @property
    def plan(self) -> Plan:
        """The plan that holds; a new one begins to count anew, and hits the requests that come from now on."""
        return self._arming.plan

    @plan.setter
    def plan(self, plan: Plan) -> None:
        self._arming = Arming(plan, self._clock.now())

    def visit(self, incoming: Incoming) -> Visit:
        """Take out of a request what is ours; raises UsageError for a fault that is none."""
        request = incoming.request
        asked_for = NO_FAULTS
        if lines := values(request.headers, HEADER):
            if self._header:
                asked_for = plan_of(lines, self.plan.seed)
                request = msgspec.structs.replace(request, headers=without(request.headers, HEADER.lower()))
            else:
                self._refuse_header()
        meant = self._arming.meant(request)
        if meant is not incoming.request:
            incoming = msgspec.structs.replace(incoming, request=meant)
        return Visit(incoming, request, asked_for)

    def _refuse_header(self) -> None:
        if not self._told:
            self._told = True
            self._say(f"warning: {HEADER} has no effect without --allow-fault-header")

    def hits(
        self,
        visit: Visit,
        *,
        session: int | None = None,
        exchange: int | None = None,
        other: Callable[[], Schedule | None] = nobody,
    ) -> list[Hit]:
        """The faults that hit an answer. Ask once for each request."""
        if not self.plan.faults and not visit.asked_for.faults:
            return []
        now = self._clock.now()
        asked = Asked(request=visit.sent, now=now, session=session, exchange=exchange, other=other)
        own = Arming(visit.asked_for, now).hits(asked)
        return [*self._arming.hits(asked), *own]
