"""Finds the faults of a plan that can change nothing in a recording, whoever asks for it and how often."""

from __future__ import annotations

from foundation.errors import UsageError
from replayer.faults.fault import Fault
from replayer.faults.injection.active_plan import Hit
from replayer.faults.injection.pipeline import apply
from replayer.faults.language.plan import FaultPlan
from replayer.faults.preview.rehearsal import Rehearsal
from replayer.matching.index import MatchIndex
from replayer.schedule.actions import Schedule
from replayer.schedule.pace import Pace
from replayer.selection.recordings import Recordings

MOST_EXCHANGES = 2000
"""Exchanges that are tried; of a longer recording in which no fault hit one of these, nothing is said."""


def unreachable(
    recordings: Recordings, index: MatchIndex, plan: FaultPlan, most: int = MOST_EXCHANGES
) -> list[Fault]:
    """Return the faults that change no recorded response, even without the limits that depend on clients.

    `stuck-job` is one where no job was recorded, `drop-event nth=99` where no stream has so many events, and
    `status code=503 path=/chats` where all paths are others; `reset session=3` is none: a fourth client may come.
    """
    relaxed = [fault.relaxed() for fault in plan.faults]
    left = dict(zip(map(id, relaxed), plan.faults, strict=True))
    rehearsal = Rehearsal(recordings, index, FaultPlan(tuple(relaxed), plan.seed), Pace())
    for schedule, hits in rehearsal.exchanges(most):
        for hit in hits:
            if id(hit.fault) in left and changes(hit, schedule):
                del left[id(hit.fault)]
        if not left:
            return []
    return list(left.values()) if len(recordings) <= most else []


def changes(hit: Hit, schedule: Schedule) -> bool:
    """Return whether a fault changes a response, or fails at it, which is said when it happens."""
    try:
        return bool(apply(schedule, [hit])[1])
    except UsageError:
        return True
