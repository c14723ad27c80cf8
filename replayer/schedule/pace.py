"""How time passes in a replay."""

from __future__ import annotations

import msgspec

from replayer.schedule.actions import Action, Schedule, moved

SLOWEST, FASTEST = 0.001, 1_000_000
"""Speeds that can be asked for; beside them only infinity, which is as fast as the client takes it."""

LONGEST_GAP = 86_400
"""Seconds that a cap on gaps can be."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """`speed` times as fast as recorded, with no wait longer than `max_gap` microseconds.

    The gaps are capped as recorded, before the speed applies.
    """

    speed: float = 1.0
    max_gap: int | None = None

    def apply(self, schedule: Schedule) -> Schedule:
        """The schedule at this pace."""
        if self.max_gap is not None:
            schedule = cap_gaps(schedule, self.max_gap)
        return scale(schedule, self.speed)


def cap_gaps(schedule: Schedule, max_gap: int) -> Schedule:
    """Shorten every wait that is longer than `max_gap` microseconds, the one before the first action too."""
    capped: list[Action] = []
    recorded = played = 0
    for action in schedule:
        played += min(action.at - recorded, max_gap)
        recorded = action.at
        capped.append(moved(action, played))
    return tuple(capped)


def scale(schedule: Schedule, speed: float) -> Schedule:
    """Play `speed` times as fast; infinity is at once.

    Each time is divided and rounded once, from the start, so that errors do not add up.
    """
    return tuple(moved(action, round(action.at / speed)) for action in schedule)
