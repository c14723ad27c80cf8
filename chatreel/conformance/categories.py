"""The categories of the success table; the last of them, Integration, is the platform's own side."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """Cases that belong together. All of a critical category must pass, else three quarters."""

    name: str
    critical: bool = True

    @property
    def needed(self) -> float:
        """The pass rate that is needed, from 0 to 1."""
        return 1.0 if self.critical else 0.75


BASIC_CONNECTIVITY = Category("Basic Connectivity")
SSE_STREAMING = Category("SSE Streaming")
JOB_POLLING = Category("Job Polling")
SESSION_MANAGEMENT = Category("Session Management")
ERROR_HANDLING = Category("Error Handling")
PERFORMANCE = Category("Performance", critical=False)
INTEGRATION = Category("Integration")

CATEGORIES = (
    BASIC_CONNECTIVITY,
    SSE_STREAMING,
    JOB_POLLING,
    SESSION_MANAGEMENT,
    ERROR_HANDLING,
    PERFORMANCE,
    INTEGRATION,
)
