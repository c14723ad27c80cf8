"""`forget-job`: the poll reaches another worker, which knows nothing of the job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from replayer.faults.context import FaultContext
from replayer.faults.editing.substitute import instead
from replayer.faults.fault import Transform
from replayer.faults.jobs.poll_fault import PollFault
from replayer.faults.parameter_types import Ordinal


@dataclass(frozen=True, kw_only=True)
class ForgetJob(PollFault):
    """Answer polls with 404 `Job not found`."""

    called = "forget-job"
    example = "forget-job from-poll=2"

    from_poll: Annotated[Ordinal, "from this poll of a job on"] = 1
    polls: Annotated[Ordinal | None, "only for so many polls; else for good"] = None

    def fails(self, poll: int) -> bool:
        """Return whether this poll reaches another worker."""
        return self.from_poll <= poll and (self.polls is None or poll < self.from_poll + self.polls)

    def begin(self, context: FaultContext) -> Transform:
        """Send what the other worker answers."""
        return instead(404, '{"error": "Job not found"}')
