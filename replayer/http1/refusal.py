"""The response to bytes that are no acceptable request."""

from __future__ import annotations

import msgspec

from replayer.schedule.actions import Schedule
from replayer.schedule.error_responses import report


class Refusal(msgspec.Struct, frozen=True):
    """Why bytes are no acceptable request; the connection closes after the response."""

    status: int
    error: str


def refuse(refusal: Refusal) -> Schedule:
    """Return the response for a refusal, as a schedule."""
    return report(refusal.status, {"error": refusal.error}, close=True)
