"""Polls of a live job: how far apart they are, and when there is nothing to wait for."""

from __future__ import annotations

from cassettes.views import jobs
from comparison.live_run.conversation_plan import ConversationPlan, PlannedExchange
from comparison.live_run.run_settings import Pace
from foundation.clock import SECOND

SHORTEST_GAP, LONGEST_GAP = SECOND // 100, SECOND // 10
"""Between two polls at full pace: the recorded distance within these bounds, so that no chatbot is flooded.

Each poll beyond the recorded ones comes a little later than the one before, up to the second of them.
"""

USUAL_GAP = 2 * SECOND
"""Between two polls at the recorded pace, where only one was recorded: what the contract says."""


class LiveJob:
    """A job of the live chatbot: where it is polled, when it was issued, and how it stands."""

    def __init__(self, target: str, began: int) -> None:
        self.target = target
        self.began = began
        self.polled: int | None = None
        self.polls = 0
        self.state = jobs.JobState()

    @property
    def over(self) -> bool:
        """Whether there is nothing to wait for: it ended, or a poll had another answer than the state of a job."""
        return self.polls > 0 and (self.state.ended or not self.state.status)

    @property
    def ended(self) -> bool:
        """Whether it ended as jobs do."""
        return self.state.status in jobs.ENDED


def gap_of(step: PlannedExchange, plan: ConversationPlan, pace: Pace) -> int:
    """Microseconds between two polls of the job that a step of a plan polls."""
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
    """The gap before a further poll."""
    return max(gap, min(gap * 21 // 20, LONGEST_GAP))
