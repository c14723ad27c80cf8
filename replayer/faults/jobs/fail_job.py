"""`fail-job`: the job fails on the server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any

from replayer.faults.context import FaultContext
from replayer.faults.editing.substitute import instead
from replayer.faults.fault import Transform
from replayer.faults.jobs.job_fault import JobFault
from replayer.faults.jobs.statuses import error_of, with_status
from replayer.faults.parameter_types import Ordinal, Text


@dataclass(frozen=True, kw_only=True)
class FailJob(JobFault):
    """Let a job fail."""

    called = "fail-job"
    example = "fail-job at-poll=2 message='The model is overloaded'"

    at_poll: Annotated[Ordinal, "at this poll, and for good"] = 1
    message: Annotated[Text | None, "why, as the server tells it; else it does not"] = None

    def fails(self, poll: int) -> bool:
        """Return whether the poll is `at_poll` or a later one."""
        return poll >= self.at_poll

    def edit(self, answer: dict[str, Any], context: FaultContext) -> dict[str, Any]:
        """Return the status of a failed job, however far the job is."""
        return with_status(answer, "failed", error_of(answer, self.message))

    def without_status(self) -> Transform:
        """Fail as a server that has no word for it."""
        return instead(500, json.dumps({"error": self.message}))
