"""Changes the times of a schedule: its speed, and its longest gap."""

from __future__ import annotations

import msgspec

from replayer.schedule.actions import Action, Schedule, moved

SLOWEST, FASTEST = 0.001, 1_000_000
"""The range of speeds; in addition, infinity sends everything as fast as the client reads it."""

LONGEST_GAP = 86_400
"""The largest cap on gaps, in seconds."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How fast a response is played: `speed` times as fast as recorded, with gaps of at most `max_gap` microseconds.

    Gaps are capped first. With a `max_gap` of 1 s and a speed of 2, times in seconds: 0, 5, 6 become 0, 1, 2 and then
    0, 0.5, 1.
    """

    speed: float = 1.0
    max_gap: int | None = None

    def apply(self, schedule: Schedule) -> Schedule:
        """Return the schedule at this pace."""
        if self.max_gap is not None:
            schedule = cap_gaps(schedule, self.max_gap)
        return scale(schedule, self.speed)


def cap_gaps(schedule: Schedule, max_gap: int) -> Schedule:
    """Shorten gaps to at most `max_gap` microseconds, also the one before the first action."""
    capped: list[Action] = []
    recorded = played = 0
    for action in schedule:
        played += min(action.at - recorded, max_gap)
        recorded = action.at
        capped.append(moved(action, played))
    return tuple(capped)


def scale(schedule: Schedule, speed: float) -> Schedule:
    """Return the schedule `speed` times as fast; with infinity, all actions are due at 0.

    Each time is divided as a whole, not gap by gap, so that rounding errors do not add up.
    """
    return tuple(moved(action, round(action.at / speed)) for action in schedule)
