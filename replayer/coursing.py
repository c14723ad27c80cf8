"""A live answer through faults: each step is fed to them as it happens, and given on when it is due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from replayer.clock import SECOND, Timers, sleep_until
from replayer.faults.applying import Course
from replayer.faults.fault import Step
from replayer.schedule import Action, End, Idle

TICK = 10_000
"""Microseconds after which the faults are told that nothing has come."""

MOST_WAITING = 256
"""Actions that may wait to be due; then the upstream has to."""


async def in_course(
    actions: AsyncGenerator[Action], course: Course, timers: Timers, start: int
) -> AsyncGenerator[Action]:
    """The actions after the faults, each at its time, counted from `start` on the timers' clock.

    The upstream is not asked when a fault ends the answer before it begins.
    """
    given = course.feed(Idle(timers.now() - start))
    source = Source(actions)
    try:
        while True:
            for step in given:
                if isinstance(step, Idle):
                    continue
                await sleep_until(timers, start + step.at)
                yield step
                if isinstance(step, End):
                    return
            given = course.feed(await source.next(timers, start))
    finally:
        await source.close()


class Source:
    """Reads a live answer ahead, so that its actions keep the times at which they came."""

    def __init__(self, actions: AsyncGenerator[Action]) -> None:
        self._actions = actions
        self._waiting: asyncio.Queue[Action] = asyncio.Queue(MOST_WAITING)
        self._reader: asyncio.Task[None] | None = None

    async def next(self, timers: Timers, start: int) -> Step:
        """The next action or, after a tick without one, that it is quiet."""
        if self._reader is None:
            self._reader = asyncio.create_task(self._read())
        try:
            async with asyncio.timeout(TICK / SECOND):
                return await self._waiting.get()
        except TimeoutError:
            if self._reader.done():
                self._reader.result()  # tells what went wrong
            return Idle(timers.now() - start)

    async def _read(self) -> None:
        async with aclosing(self._actions) as actions:
            async for action in actions:
                await self._waiting.put(action)

    async def close(self) -> None:
        """Read no more."""
        if self._reader is None:
            await self._actions.aclose()
            return
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
