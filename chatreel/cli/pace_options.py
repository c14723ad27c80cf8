"""The options for the pace of a replay: --speed and --max-gap."""

from __future__ import annotations

import math

import click

from foundation.clock import SECOND
from replayer.schedule.pace import FASTEST, LONGEST_GAP, SLOWEST


def number(value: object) -> float:
    """The value as a float; NaN, which lies in no range, when it is not a number."""
    try:
        return float(str(value))
    except ValueError:
        return math.nan


class SpeedType(click.ParamType[float]):
    """A factor on the recorded speed, or `max` for infinity."""

    name = "1|N|max"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The factor that a text stands for; fails for one that is out of range."""
        if value == "max":
            return math.inf
        speed = number(value)
        if not SLOWEST <= speed <= FASTEST:
            self.fail(
                f"{value!r} is no speed; write max, or a factor from {SLOWEST} to {FASTEST}", param, ctx
            )
        return speed


class GapType(click.ParamType[int]):
    """The longest gap, given in seconds, as a number of microseconds."""

    name = "SECONDS"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of microseconds that a text in seconds stands for; fails for one that is out of range."""
        seconds = number(value)
        if not 0 <= seconds <= LONGEST_GAP:
            self.fail(f"{value!r} is no gap; write seconds, from 0 to {LONGEST_GAP}", param, ctx)
        return round(seconds * SECOND)


SPEED = click.option(
    "--speed",
    metavar="1|N|max",
    type=SpeedType(),
    default="1",
    show_default=True,
    help="How many times as fast as recorded; max is as fast as the client takes it.",
)

MAX_GAP = click.option(
    "--max-gap",
    metavar="SECONDS",
    type=GapType(),
    help="Shorten every longer wait to this, before --speed applies.",
)
