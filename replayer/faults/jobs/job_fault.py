"""The base of faults that edit the job's status in the response to a poll."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cassettes.views.job_states import ACCEPTED
from replayer.faults.context import FaultContext
from replayer.faults.editing.json_bodies import edit_json_bodies
from replayer.faults.fault import Transform
from replayer.faults.jobs.poll_fault import PollFault
from replayer.faults.jobs.statuses import tells_status


@dataclass(frozen=True, kw_only=True)
class JobFault(PollFault):
    """A fault that edits a job's status. A response without one, such as `Job not found`, passes unchanged."""

    def edit(self, answer: dict[str, Any], context: FaultContext) -> dict[str, Any]:
        """Return what takes the place of a job's status, which may be changed itself."""
        raise NotImplementedError

    def without_status(self) -> Transform | None:
        """Return what changes a poll whose body has no status: 202 while the work goes on, then the result itself."""
        return None

    def begin(self, context: FaultContext) -> Transform:
        """Edit the body once it is complete."""
        recorded = context.job_state()
        if recorded is not None and recorded.status in {"", ACCEPTED}:
            instead = self.without_status()
            if instead is not None:
                return instead
        return edit_json_bodies(
            lambda document: self.edit(document, context) if tells_status(document) else document
        )
