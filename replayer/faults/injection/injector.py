"""Finds the faults for a request: those of the server's plan, and those in its own header `X-Chatreel-Fault`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from cassettes.model import Request
from cassettes.views.job_states import JobState
from foundation.clock import Clock
from foundation.http.headers import values, without
from replayer.exchange_number import ExchangeId
from replayer.faults.context import no_job, no_other_session
from replayer.faults.injection.active_plan import ActivePlan, BoundedMemory, Hit, ReceivedRequest
from replayer.faults.language.plan import FaultPlan, plan_of
from replayer.faults.language.registry import FAULTS
from replayer.http1.incoming import Incoming
from replayer.schedule.actions import Schedule

HEADER = "X-Chatreel-Fault"

MOST_HEADER_PLANS = 100
"""Plans of requests' headers whose counts are kept."""


class Visit(NamedTuple):
    """A request on its way to the faults.

    `incoming` is what the recording is searched for: without Chatreel's header, and with the cookies that it had
    without the faults. `sent` has the client's own cookies. `plans` are the server's, then that of the header.
    """

    incoming: Incoming
    sent: Request
    plans: Sequence[ActivePlan]


class FaultInjector:
    """Returns the faults that hit a request, by the plan in force and by the request's own header.

    `header` says whether requests may carry faults; where they may not, `say` gets one warning about the first that
    does. Of the plans in headers, the counts of the `most_header_plans` that were used last are kept.
    """

    def __init__(
        self,
        plan: FaultPlan,
        *,
        header: bool,
        clock: Clock,
        say: Callable[[str], None],
        most_header_plans: int = MOST_HEADER_PLANS,
    ) -> None:
        self._header = header
        self._clock = clock
        self._say = say
        self._has_warned = False
        self._most_header_plans = most_header_plans
        self.plan = plan
        if header:
            list(FAULTS)  # imports them all, so that no request has to wait for that

    @property
    def plan(self) -> FaultPlan:
        """The plan in force. Setting it starts its counts, and those of headers' plans, at 0."""
        return self._active_plan.plan

    @plan.setter
    def plan(self, plan: FaultPlan) -> None:
        self._active_plan = ActivePlan(plan, self._clock.now())
        self._changed: set[str] = set()  # the lines of the plan's faults that changed a response
        self._header_plans = BoundedMemory(self._most_header_plans)

    @property
    def idle(self) -> list[str]:
        """The faults of the plan in force, as lines, that have changed no response yet."""
        return [line for line in self.plan.lines if line not in self._changed]

    def note(self, lines: Sequence[str]) -> None:
        """Note that these faults, as lines, changed a response."""
        if lines:
            self._changed.update(set(lines).intersection(self.plan.lines))

    def visit(self, incoming: Incoming) -> Visit:
        """Take Chatreel's header and the faults' cookies out of a request; raises UsageError for a wrong header."""
        sent = incoming.request
        plans = [self._active_plan]
        if lines := values(sent.headers, HEADER):
            if self._header:
                plans.append(self._header_plan(tuple(lines)))
                sent = msgspec.structs.replace(sent, headers=without(sent.headers, HEADER.lower()))
            else:
                self._warn_of_header()
        original = sent
        for plan in reversed(plans):  # responses pass the last plan last: its cookies are the client's
            original = plan.original_request(original)
        if original is not incoming.request:
            incoming = msgspec.structs.replace(incoming, request=original)
        return Visit(incoming, sent, plans)

    def _header_plan(self, lines: tuple[str, ...]) -> ActivePlan:
        """Return the plan of a request's headers: requests with the same headers share one, and its counts."""
        plan = self._header_plans.get(lines) or ActivePlan(plan_of(lines, self.plan.seed), self._clock.now())
        self._header_plans[lines] = plan
        return plan

    def _warn_of_header(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            self._say(f"warning: {HEADER} has no effect without --allow-fault-header")

    def hits(
        self,
        visit: Visit,
        *,
        session: int | None = None,
        exchange: ExchangeId | None = None,
        job_state: Callable[[], JobState | None] = no_job,
        other: Callable[[], Schedule | None] = no_other_session,
    ) -> list[Hit]:
        """Return the faults that hit a request, in their order. It counts: call it once for each request."""
        received = ReceivedRequest(
            request=visit.sent,
            now=self._clock.now(),
            session=session,
            exchange=exchange,
            job_state=job_state,
            other=other,
        )
        return [hit for plan in visit.plans for hit in plan.hits(received)]
