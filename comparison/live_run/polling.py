"""Polls of a live job: the time between two of them, and when the job needs no more."""

from __future__ import annotations

from urllib.parse import quote

from msgspec.structs import replace

from cassettes.model import Request
from cassettes.views.job_states import JobState
from cassettes.views.jobs import Announcement
from comparison.live_run.conversation_plan import ConversationPlan, PlannedExchange
from comparison.live_run.live_request import LiveClient, escaped, live_target
from comparison.live_run.run_settings import Pace
from foundation.clock import SECOND
from foundation.http.urls import path_and_query

SHORTEST_GAP, LONGEST_GAP = SECOND // 100, SECOND // 10
"""Bounds, in microseconds, of the time between two polls at full pace, so that no chatbot is flooded.

The time begins with the recorded one, and grows by 5 percent with each further poll up to LONGEST_GAP.
"""

USUAL_GAP = 2 * SECOND
"""Microseconds between two polls at the recorded pace when only one poll was recorded: what the contract says."""


class LiveJob:
    """A job of the live chatbot as it was announced, when it `began` and was last `polled`, and its `state`."""

    def __init__(self, announced: Announcement, began: int) -> None:
        self.announced = announced
        self.began = began
        self.polled: int | None = None
        self.polls = 0
        self.state = JobState()

    @property
    def over(self) -> bool:
        """Tells whether it needs no more polls for now: it ended or waits, or the last poll returned no state."""
        return self.polls > 0 and (self.state.ended or self.state.paused or not self.state.status)

    @property
    def ended(self) -> bool:
        """Tells whether its last state is a final one."""
        return self.polls > 0 and self.state.ended and not self.state.failed


def job_target(recorded: Request, step: PlannedExchange, job: LiveJob, client: LiveClient) -> str:
    """Returns the path and query of a poll: where the live chatbot said, else the recorded one with the live job's id.

    recorded  GET /v1/runs/7/state     live  {"id": 9, "status": "queued"}     GET /v1/runs/9/state
    """
    assert step.poll is not None
    if job.announced.target is not None:
        return escaped(job.announced.target)
    own, live = (quote(one, safe="") for one in (step.poll.id, job.announced.id))
    path, query = path_and_query(recorded.url)
    moved = "/".join(live if live and segment == own else segment for segment in path.split("/"))
    return live_target(replace(recorded, url=f"{moved}?{query}" if query else moved), client)


def gap_of(step: PlannedExchange, plan: ConversationPlan, pace: Pace) -> int:
    """Returns the microseconds between two polls of the job that a step of a plan polls."""
    assert step.poll is not None
    times = [
        other.at
        for other in plan.steps
        if other.number == step.poll.job or (other.poll and other.poll.job == step.poll.job)
    ]
    recorded = times[-1] - times[-2]
    if pace == "recorded":
        return max(recorded, SHORTEST_GAP) if len(times) > 2 else max(recorded, USUAL_GAP)
    return min(max(recorded, SHORTEST_GAP), LONGEST_GAP)


def next_gap(gap: int) -> int:
    """Returns the microseconds before the next poll, after a gap of so many."""
    return max(gap, min(gap * 21 // 20, LONGEST_GAP))
