"""Long work on the event loop, in slices: between two of them everybody else gets his turn."""

from __future__ import annotations

from collections.abc import Iterable

from foundation.timers import Timers, sleep_until

SLICE = 10_000
"""Microseconds that a slice takes, roughly."""


class Slices:
    """Tells when a slice is over: `await slices.step()` after each step that takes less than one."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._end = timers.now() + SLICE

    async def step(self) -> None:
        """Let others have their turn, if it is time for that."""
        now = self._timers.now()
        if now > self._end:
            await sleep_until(self._timers, now)
            self._end = self._timers.now() + SLICE


async def in_slices(steps: Iterable[object], timers: Timers) -> None:
    """Make all steps."""
    slices = Slices(timers)
    for _ in steps:
        await slices.step()
