"""`regress-job`: the progress goes back, as after a restart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from replayer.faults.context import FaultContext
from replayer.faults.jobs.job_fault import JobFault
from replayer.faults.jobs.progress import change_progress
from replayer.faults.parameter_types import Ordinal


@dataclass(frozen=True, kw_only=True)
class RegressJob(JobFault):
    """Let a job's progress go back to 0 for one poll."""

    called = "regress-job"
    example = "regress-job at-poll=3"

    at_poll: Annotated[Ordinal, "at this poll only"] = 2

    def fails(self, poll: int) -> bool:
        """Return whether the poll is `at_poll`."""
        return poll == self.at_poll

    def edit(self, answer: dict[str, Any], context: FaultContext) -> dict[str, Any]:
        """Return the status with a progress of 0."""
        return change_progress(answer, lambda _percent: 0)
