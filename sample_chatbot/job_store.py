"""The jobs of the chatbot. A job moves on with every poll, to 25, 50, 75 and 100 percent."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sample_chatbot import script
from sample_chatbot.request import ChatRequest

MAX_JOBS = 1000
"""Jobs that are kept; when there are more, the oldest is deleted, so that no client fills the memory."""


def queued() -> dict[str, Any]:
    """The progress of a job that was not polled yet."""
    return {"step": "queued", "message": "Waiting to be picked up...", "progress": 0}


@dataclass
class ChatbotJob:
    """A job, and the session of the client that created it."""

    id: str
    session: str
    request: ChatRequest
    status: str = "pending"
    progress: dict[str, Any] = field(default_factory=queued)
    result: dict[str, Any] | None = None
    error: str | None = None
    polls: int = 0

    @property
    def active(self) -> bool:
        """Whether polls still move it on."""
        return self.status in ("pending", "running")

    def poll(self) -> None:
        """Move on by one step; a job that has ended stays as it is."""
        if not self.active:
            return
        steps = script.research()
        if self.polls < len(steps):
            self.status, self.progress = "running", steps[self.polls]
        else:
            self.status, self.progress = "succeeded", script.complete()
            self.result = script.result(self.request)
        self.polls += 1

    def fail(self, message: str) -> None:
        """End the job with an error."""
        self.status, self.error, self.result = "failed", message, None

    def state(self) -> dict[str, Any]:
        """The JSON object of a poll's response."""
        return {
            "job_id": self.id,
            "status": self.status,
            "latest_progress": self.progress,
            "result": self.result,
            "error": self.error,
        }


class JobStore:
    """The jobs by their ids, at most `capacity` of them."""

    def __init__(self, random: random.Random, capacity: int = MAX_JOBS) -> None:
        self._capacity = capacity
        self._random = random
        self._jobs: dict[str, ChatbotJob] = {}

    def __iter__(self) -> Iterator[ChatbotJob]:
        return iter(self._jobs.values())

    def create(self, session: str, request: ChatRequest) -> ChatbotJob:
        """Create a job of a session."""
        if len(self._jobs) >= self._capacity:
            del self._jobs[next(iter(self._jobs))]
        job = ChatbotJob(f"job_{self._random.getrandbits(64):016x}", session, request)
        self._jobs[job.id] = job
        return job

    def find(self, job_id: str) -> ChatbotJob | None:
        """The job, or None when it is unknown."""
        return self._jobs.get(job_id)

    def delete(self, job_id: str) -> None:
        """Delete a job, which must exist."""
        del self._jobs[job_id]
