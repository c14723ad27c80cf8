"""Long work on the event loop, in slices: between two of them everybody else gets his turn."""

from __future__ import annotations

from collections.abc import Iterator

from replayer.clock import Timers, sleep_until

SLICE = 10_000
"""Microseconds that a slice takes, roughly."""


async def in_slices(steps: Iterator[object], timers: Timers) -> None:
    """Make all steps."""
    end = timers.now() + SLICE
    for _ in steps:
        if timers.now() > end:
            await sleep_until(timers, timers.now())
            end = timers.now() + SLICE
