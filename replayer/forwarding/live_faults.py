"""Passes a live response through faults: feeds them each action as it happens, yields their results when they are due.

The response is read ahead, up to a bound, so that its actions keep the times at which they arrived. For a fault that
delays every chunk by 50 ms, with times in milliseconds:

    at 100    the upstream sends "a"    the fault makes it Data(at=150)
    at 120    the upstream sends "b"    it is read ahead, with the time 120
    at 150                              "a" is yielded; "b" is fed to the fault, which makes it Data(at=170)
    at 170                              "b" is yielded
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from foundation.clock import SECOND
from foundation.timers import Timers, sleep_until
from replayer.faults.injection.pipeline import FaultPipeline
from replayer.schedule.actions import Action, Data, Finish, Idle, Raw

TICK = 10_000
"""Microseconds without an action after which faults that need to notice silence are fed an `Idle`."""

MOST_WAITING = 1 << 20
"""Bytes of memory that actions read ahead may take, apart from the last one; beyond that, reading stops."""

OVERHEAD = 200
"""Bytes of memory that an action needs in addition to its data, approximately."""


async def through_faults(
    actions: AsyncGenerator[Action],
    pipeline: FaultPipeline,
    timers: Timers,
    start: int,
    *,
    tick: int = TICK,
) -> AsyncGenerator[Action]:
    """Yield the actions as the faults change them, each at its time, counted from `start` on the timers' clock.

    The pipeline is fed once before the first action is read, so a fault can end the response before a request is sent
    to the upstream. Raises UsageError when a fault fails.
    """
    changed = pipeline.feed(Idle(timers.now() - start))
    source = ReadAhead(actions)
    patience = tick / SECOND if pipeline.ticks else None
    try:
        while True:
            for action in changed:
                if isinstance(action, Idle):
                    continue
                await sleep_until(timers, start + action.at)
                yield action
                if isinstance(action, Finish):
                    return
            changed = pipeline.feed(await source.next(patience) or Idle(timers.now() - start))
    finally:
        await source.close()


class ReadAhead:
    """Reads the actions of a live response as they come, up to `MOST_WAITING`, from the first `next` on."""

    def __init__(self, actions: AsyncGenerator[Action]) -> None:
        self._actions = actions
        self._waiting: asyncio.Queue[Action | None] = asyncio.Queue()
        self._size = 0
        self._room = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None

    async def next(self, patience: float | None) -> Action | None:
        """Return the next action; None when there is none for `patience` seconds. Raises what the source raised."""
        if self._reader is None:
            self._reader = asyncio.create_task(self._read())
        try:
            async with asyncio.timeout(patience):
                action = await self._waiting.get()
        except TimeoutError:
            return None
        if action is None:
            await self._reader  # raises what the source raised
            raise AssertionError("a live response without a Finish")
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
        """Stop reading, and close the source."""
        if self._reader is None:
            await self._actions.aclose()
            return
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)


def size_of(action: Action) -> int:
    """Return the bytes of memory that an action needs, approximately."""
    return OVERHEAD + (len(action.data) if isinstance(action, Data | Raw) else 0)
