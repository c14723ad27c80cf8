"""`delay`: the answer comes later, all of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Annotated

from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault, Transform
from replayer.faults.parameter_types import Duration, Lognormal, Spread
from replayer.faults.position import later

MOST_MAGNITUDES = 40.0
"""The largest exponent of e that a draw uses: times any median it is for ever, and a larger one overflows a float."""


@dataclass(frozen=True, kw_only=True)
class Delay(Fault):
    """Wait before the answer."""

    called = "delay"
    example = "delay lognormal=800ms,0.5 max=5s"

    time: Annotated[Duration | None, "how long"] = None
    uniform: Annotated[Spread | None, "anything between the two"] = None
    lognormal: Annotated[Lognormal | None, "mostly near the median, at times far longer"] = None
    max: Annotated[Duration | None, "at most so long"] = None

    def __post_init__(self) -> None:
        if sum(value is not None for value in (self.time, self.uniform, self.lognormal)) != 1:
            raise ValueError("give one of time=, uniform= and lognormal=")

    def begin(self, context: FaultContext) -> Transform:
        """Delay the whole response by one draw."""
        drawn = self._draw(context.random)
        return later(drawn if self.max is None else min(drawn, self.max))

    def _draw(self, random: Random) -> int:
        if self.uniform is not None:
            return random.randint(*self.uniform)
        if self.lognormal is not None:
            median, sigma = self.lognormal
            return round(median * math.exp(min(random.gauss(0, sigma), MOST_MAGNITUDES)))
        return self.time or 0
