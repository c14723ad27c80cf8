"""Finds what faults would do to a recorded response, without a server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from replayer.exchange_number import ReplayExchange
from replayer.faults.injection.active_plan import ActivePlan, Hit, ReceivedRequest
from replayer.faults.injection.pipeline import apply
from replayer.faults.language.plan import FaultPlan
from replayer.matching.index import MatchIndex
from replayer.schedule.actions import Schedule
from replayer.schedule.from_exchange import schedule_of
from replayer.schedule.pace import Pace
from replayer.selection.recordings import Recordings
from replayer.selection.selector import in_another_session


class Rehearsed(NamedTuple):
    """A response before and after the faults, and the lines of the faults that changed it."""

    before: Schedule
    after: Schedule
    faults: list[str]


class Rehearsal:
    """Replays the exchanges as the recorded clients requested them: in their order, at their times, with their cookies.

    So the limits of the faults count what they would count if these clients came again.
    """

    def __init__(self, recordings: Recordings, index: MatchIndex, plan: FaultPlan, pace: Pace) -> None:
        self._recordings = recordings
        self._index = index
        self._active_plan = ActivePlan(plan, 0)
        self._pace = pace
        self._now = 0

    def until(self, number: ReplayExchange) -> Rehearsed:
        """Return what the faults make of the exchange of this number, after all exchanges before it."""
        for earlier in map(ReplayExchange, range(number)):
            if hits := self._hits(earlier):
                apply(self._schedule(earlier), hits)  # a fault can remember what it did
        hits, before = self._hits(number), self._schedule(number)
        return Rehearsed(before, *apply(before, hits))

    def exchanges(self, most: int) -> Iterator[tuple[Schedule, list[Hit]]]:
        """Yield the responses of the first exchanges, `most` of them, with the faults that hit each."""
        for number in map(ReplayExchange, range(min(most, len(self._recordings)))):
            if hits := self._hits(number):
                yield self._schedule(number), hits

    def _hits(self, number: ReplayExchange) -> list[Hit]:
        request = self._recordings.request(number)
        self._now = max(self._now, request.at)  # a second recording in the same file begins at 0 again
        received = ReceivedRequest(
            request=request,
            now=self._now,
            session=self._recordings.session_of(number),
            exchange=self._recordings.id(number),
            job_state=lambda: self._recordings.job_state(number),
            other=lambda: self._schedule(in_another_session(self._recordings, self._index, number)),
        )
        return self._active_plan.hits(received)

    def _schedule(self, number: ReplayExchange) -> Schedule:
        return self._pace.apply(schedule_of(self._recordings.exchange(number)))
