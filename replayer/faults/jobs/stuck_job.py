"""`stuck-job`: the job never ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from cassettes.views.jobs import ENDED, text
from foundation.http.urls import target
from replayer.faults.context import FaultContext
from replayer.faults.jobs.job_fault import JobFault
from replayer.faults.jobs.progress import change_progress
from replayer.faults.parameter_types import Ordinal

NEARLY_DONE = 99
"""Percent of a job that would have ended, had it not got stuck."""


@dataclass(frozen=True, kw_only=True)
class StuckJob(JobFault):
    """Let a job never end: polls get the same answer again and again."""

    called = "stuck-job"
    example = "stuck-job at-poll=2"

    at_poll: Annotated[Ordinal, "from this poll on, whose answer is repeated"] = 1

    def fails(self, poll: int) -> bool:
        """From then on."""
        return poll >= self.at_poll

    def edit(self, answer: dict[str, Any], context: FaultContext) -> dict[str, Any]:
        """What the session was told of the job when it got stuck."""
        job = f"{context.session} {target(context.request.url)}"
        if job not in context.memory:
            context.memory[job] = unended(answer)
        stuck: dict[str, Any] = context.memory[job]
        return stuck


def unended(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer of a job that goes on."""
    if text(answer["status"]) not in ENDED:
        return answer
    answer |= {"status": "running", "result": None, "error": None}
    return change_progress(answer, lambda percent: min(percent, NEARLY_DONE))
