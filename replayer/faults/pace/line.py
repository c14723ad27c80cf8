"""A line that carries so much a second."""

from __future__ import annotations

from foundation.clock import SECOND


class SerialLine:
    """Carries `rate` of something a second, one after the other; what finds it busy waits until it is free.

    Times count from when it was idle last, so that errors of rounding do not add up.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._began = 0
        self._carried = 0

    @property
    def free(self) -> int:
        """The microsecond from which it has nothing to carry."""
        return self._began + int(self._carried * SECOND / self._rate)

    def carry(self, amount: int, at: int) -> int:
        """When it begins to carry what is there at this time."""
        if at > self.free:
            self._began, self._carried = at, 0
        begins = self.free
        self._carried += amount
        return begins
