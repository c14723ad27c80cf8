"""A model of a line that carries so much a second."""

from __future__ import annotations

from foundation.clock import SECOND


class SerialLine:
    """Carries `rate` of something a second, one after the other; what comes while it is busy waits until it is free.

    With a rate of 2 a second, `carry(1, at)` returns when each begins:

        at 0 s      0 s       free from 0.5 s on
        at 0.1 s    0.5 s     it waited; free from 1 s on
        at 3 s      3 s       the line was idle

    `free` is computed from the moment at which the line was idle last, so that rounding errors do not add up.

    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._began = 0
        self._carried = 0

    @property
    def free(self) -> int:
        """The time from which on the line is idle, in microseconds."""
        return self._began + int(self._carried * SECOND / self._rate)

    def carry(self, amount: int, at: int) -> int:
        """Return when the line begins to carry what comes at a time, both in microseconds."""
        if at > self.free:
            self._began, self._carried = at, 0
        begins = self.free
        self._carried += amount
        return begins
