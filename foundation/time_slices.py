"""Cuts long work on the event loop into slices, between which other tasks run."""

from __future__ import annotations

from collections.abc import Iterable

from foundation.timers import Timers, sleep_until

SLICE = 10_000
"""Microseconds that a slice takes, approximately."""


class Slices:
    """Yields to the event loop when a slice is over: `await slices.step()` after each short step of the work."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._end = timers.now() + SLICE

    async def step(self) -> None:
        """Let other tasks run when the current slice is over; otherwise return at once."""
        now = self._timers.now()
        if now > self._end:
            await sleep_until(self._timers, now)
            self._end = self._timers.now() + SLICE


async def in_slices(steps: Iterable[object], timers: Timers) -> None:
    """Consume an iterable whose items each take a short step of the work, in slices."""
    slices = Slices(timers)
    for _ in steps:
        await slices.step()
