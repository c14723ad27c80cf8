"""What the replay server says in its own name, where no recorded response can be played."""

from __future__ import annotations

import msgspec

from replayer.schedule.actions import Schedule
from replayer.schedule.error_responses import report


class Refusal(msgspec.Struct, frozen=True):
    """Bytes that are no request which can be answered; the connection closes after it."""

    status: int
    error: str


def refuse(refusal: Refusal) -> Schedule:
    """The answer to what is no request."""
    return report(refusal.status, {"error": refusal.error}, close=True)
