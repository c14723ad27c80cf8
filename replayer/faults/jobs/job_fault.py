"""The base of faults that edit the job's status in the response to a poll."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from replayer.faults.context import FaultContext
from replayer.faults.editing.json_bodies import edit_json_bodies
from replayer.faults.fault import Transform
from replayer.faults.jobs.poll_fault import PollFault


@dataclass(frozen=True, kw_only=True)
class JobFault(PollFault):
    """A fault that edits a job's status. A response without one, such as `Job not found`, passes unchanged."""

    def edit(self, answer: dict[str, Any], context: FaultContext) -> dict[str, Any]:
        """Return what takes the place of a job's status, which may be changed itself."""
        raise NotImplementedError

    def begin(self, context: FaultContext) -> Transform:
        """Edit the body once it is complete."""

        def edit(document: Any) -> Any:
            of_job = isinstance(document, dict) and "status" in document
            return self.edit(document, context) if of_job else document

        return edit_json_bodies(edit)
