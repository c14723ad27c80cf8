"""`stuck-job`: the job never ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from cassettes.views.job_states import JobState, status_of
from foundation.http.urls import target
from replayer.faults.context import FaultContext
from replayer.faults.editing.substitute import instead
from replayer.faults.fault import Transform
from replayer.faults.jobs.job_fault import JobFault
from replayer.faults.jobs.progress import change_progress
from replayer.faults.jobs.statuses import with_status
from replayer.faults.parameter_types import Ordinal

NEARLY_DONE = 99
"""The progress, in percent, of a job that had ended in the recording when it gets stuck."""


@dataclass(frozen=True, kw_only=True)
class StuckJob(JobFault):
    """Let a job never end: polls get the same answer again and again."""

    called = "stuck-job"
    example = "stuck-job at-poll=2"

    at_poll: Annotated[Ordinal, "from this poll on, whose answer is repeated"] = 1

    def fails(self, poll: int) -> bool:
        """Return whether the poll is `at_poll` or a later one."""
        return poll >= self.at_poll

    def without_status(self) -> Transform:
        """Say that the work goes on."""
        return instead(202, "")

    def edit(self, answer: dict[str, Any], context: FaultContext) -> dict[str, Any]:
        """Return the status that the session got when the job got stuck, from the fault's memory."""
        job = f"{context.session} {target(context.request.url)}"
        if job not in context.memory:
            context.memory[job] = unended(answer)
        stuck: dict[str, Any] = context.memory[job]
        return stuck


def unended(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the status as that of a running job; if the job has ended, with no result and at most NEARLY_DONE."""
    if not JobState(status=status_of(answer)).ended:
        return answer
    return change_progress(with_status(answer, "running", None), lambda percent: min(percent, NEARLY_DONE))
