"""Faults in what a poll says of its job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from replayer.faults.context import FaultContext
from replayer.faults.editing.json_bodies import in_bodies
from replayer.faults.fault import Transform
from replayer.faults.jobs.poll_fault import PollFault


@dataclass(frozen=True, kw_only=True)
class JobFault(PollFault):
    """A fault that edits the JSON of polls. One that says nothing of a job, as `Job not found` does, stays."""

    def edit(self, answer: dict[str, Any], context: FaultContext) -> dict[str, Any]:
        """What takes the place of an answer, which may be changed itself."""
        raise NotImplementedError

    def begin(self, context: FaultContext) -> Transform:
        """Edit the answer once it is whole."""

        def edit(document: Any) -> Any:
            of_job = isinstance(document, dict) and "status" in document
            return self.edit(document, context) if of_job else document

        return in_bodies(edit)
