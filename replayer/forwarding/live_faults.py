"""A live answer through faults: each step is fed to them as it happens, and given on when it is due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from foundation.clock import SECOND
from foundation.timers import Timers, sleep_until
from replayer.faults.injection.pipeline import FaultPipeline
from replayer.schedule.actions import Action, Data, Finish, Idle, Raw

TICK = 10_000
"""Microseconds after which the faults that want it are told that nothing has come."""

MOST_WAITING = 1 << 20
"""Bytes of memory that may wait to be due, but for the last action; then the upstream has to."""

OVERHEAD = 200
"""Bytes of memory that an action takes beside its data, about."""


async def in_course(
    actions: AsyncGenerator[Action], course: FaultPipeline, timers: Timers, start: int
) -> AsyncGenerator[Action]:
    """The actions after the faults, each at its time, counted from `start` on the timers' clock.

    The upstream is not asked when a fault ends the answer before it begins. Raises UsageError for one that fails.
    """
    given = course.feed(Idle(timers.now() - start))
    source = ReadAhead(actions)
    patience = TICK / SECOND if course.ticks else None
    try:
        while True:
            for step in given:
                if isinstance(step, Idle):
                    continue
                await sleep_until(timers, start + step.at)
                yield step
                if isinstance(step, Finish):
                    return
            given = course.feed(await source.next(patience) or Idle(timers.now() - start))
    finally:
        await source.close()


class ReadAhead:
    """Reads a live answer ahead, so that its actions keep the times at which they came."""

    def __init__(self, actions: AsyncGenerator[Action]) -> None:
        self._actions = actions
        self._waiting: asyncio.Queue[Action | None] = asyncio.Queue()
        self._size = 0
        self._room = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None

    async def next(self, patience: float | None) -> Action | None:
        """The next action; None when none comes for so many seconds."""
        if self._reader is None:
            self._reader = asyncio.create_task(self._read())
        try:
            async with asyncio.timeout(patience):
                action = await self._waiting.get()
        except TimeoutError:
            return None
        if action is None:
            await self._reader  # tells what went wrong
            raise AssertionError("a live answer without an End")
        self._size -= size_of(action)
        self._room.set()
        return action

    async def _read(self) -> None:
        try:
            async with aclosing(self._actions) as actions:
                async for action in actions:
                    self._waiting.put_nowait(action)
                    self._size += size_of(action)
                    while self._size > MOST_WAITING:
                        self._room.clear()
                        await self._room.wait()
        finally:
            self._waiting.put_nowait(None)

    async def close(self) -> None:
        """Read no more."""
        if self._reader is None:
            await self._actions.aclose()
            return
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)


def size_of(action: Action) -> int:
    """Bytes of memory that an action takes, about."""
    return OVERHEAD + (len(action.data) if isinstance(action, Data | Raw) else 0)
