"""Polls of a live job: the time between two of them, and when the job needs no more."""

from __future__ import annotations

from cassettes.views import jobs
from comparison.live_run.conversation_plan import ConversationPlan, PlannedExchange
from comparison.live_run.run_settings import Pace
from foundation.clock import SECOND

SHORTEST_GAP, LONGEST_GAP = SECOND // 100, SECOND // 10
"""Bounds, in microseconds, of the time between two polls at full pace, so that no chatbot is flooded.

The time begins with the recorded one, and grows by 5 percent with each further poll up to LONGEST_GAP.
"""

USUAL_GAP = 2 * SECOND
"""Microseconds between two polls at the recorded pace when only one poll was recorded: what the contract says."""


class LiveJob:
    """A job of the live chatbot: the `target` of its polls, when it `began` and was last `polled`, and its `state`."""

    def __init__(self, target: str, began: int) -> None:
        self.target = target
        self.began = began
        self.polled: int | None = None
        self.polls = 0
        self.state = jobs.JobState()

    @property
    def over(self) -> bool:
        """Tells whether it needs no more polls: it ended, or the last poll did not return the state of a job."""
        return self.polls > 0 and (self.state.ended or not self.state.status)

    @property
    def ended(self) -> bool:
        """Tells whether its last state is a final one."""
        return self.state.status in jobs.ENDED


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
