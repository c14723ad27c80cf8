"""The base of faults in the polls of a job.

A poll is what the recording shows to be one (see `cassettes.views.jobs`), and a GET of a path with /jobs/ in it, or of
one that `path=` matches, so that live responses are hit as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from foundation.http.urls import path_and_query
from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault

POLLED = "*/jobs/*"


@dataclass(frozen=True, kw_only=True)
class PollFault(Fault):
    """A fault that hits polls only. `context.poll` counts those of the session for one job, from 1."""

    def hits(self, context: FaultContext) -> bool:
        """Return whether a request is a poll that `fails` chooses."""
        return context.request.method == "GET" and self.fails(context.poll) and self._is_poll(context)

    def _is_poll(self, context: FaultContext) -> bool:
        path, _ = path_and_query(context.request.url)
        return self.path is not None or fnmatchcase(path, POLLED) or context.job_state() is not None

    def fails(self, poll: int) -> bool:
        """Return whether the fault hits this poll of a session for one job, counted from 1."""
        raise NotImplementedError
