"""A live answer on its way through faults, in an event loop and without a socket."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, closing
from dataclasses import dataclass

import pytest

from foundation.timers import open_timers
from replayer.faults.fault import Fault
from replayer.faults.injection.active_plan import Hit
from replayer.faults.injection.pipeline import FaultPipeline
from replayer.faults.language.spec import parse
from replayer.forwarding.live_faults import MOST_WAITING, ReadAhead, size_of, through_faults
from replayer.schedule.actions import Data, Finish, Idle
from tests.replayer.faults.apply_faults import context, stream

HEAD, END = stream()


async def turns_of_the_loop(count: int) -> None:
    for _ in range(count):
        turned = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(turned.set_result, None)
        await turned


async def alive(actions, given=None, pause=0):
    for action in actions:
        await turns_of_the_loop(pause)
        if given is not None:
            given.append(action)
        yield action


@pytest.mark.parametrize("size", [1, 1000, 60_000])
def test_an_answer_is_read_ahead_up_to_a_bound_of_memory(size):
    data, given = Data(0, b"x" * size), []
    bound = MOST_WAITING // size_of(data) + 1

    async def main():
        source = ReadAhead(alive([data] * 3 * bound, given))
        for taken in (1, 2):
            assert await source.next(None) is data
            await turns_of_the_loop(3)
            assert len(given) == bound + taken
        await source.close()

    asyncio.run(main())


def test_what_goes_wrong_upstream_is_told_behind_what_came_before():
    async def broken():
        yield HEAD
        raise ZeroDivisionError

    async def main():
        source = ReadAhead(broken())
        assert await source.next(None) is HEAD
        with pytest.raises(ZeroDivisionError):
            await source.next(None)
        await source.close()

    asyncio.run(main())


@dataclass(frozen=True, kw_only=True)
class Watch(Fault):
    """Passes everything on, and says what."""

    called = "watch"
    example = "watch"

    def begin(self, context):
        def feed(step):
            context.memory.setdefault("steps", []).append(step)
            yield step

        return feed


@dataclass(frozen=True, kw_only=True)
class Clock(Watch):
    """The same, also in silence."""

    ticks = True


@pytest.mark.parametrize(("fault", "is_told"), [(Watch(), False), (Clock(), True)])
def test_silence_is_told_to_faults_that_want_to_know(fault, is_told):
    told = {}

    async def main():
        with closing(open_timers()) as timers:
            pipeline = FaultPipeline([Hit(fault, context(stream(), memory=told))])
            actions = alive([HEAD, END], pause=20)
            async with aclosing(through_faults(actions, pipeline, timers, timers.now(), tick=0)) as steps:
                return [type(step) async for step in steps]

    assert asyncio.run(main()) == [type(HEAD), Finish]
    silent = [step for step in told["steps"] if isinstance(step, Idle)]
    assert isinstance(told["steps"][0], Idle)  # before the upstream is asked
    assert (len(silent) > 1) == is_told


@pytest.mark.parametrize(
    ("line", "ticks"),
    [
        ("truncate after-time=1s", True),
        ("insert-event after-time=1s", True),
        ("coalesce window=1s", True),
        ("coalesce", False),
        ("truncate after-events=1", False),
        ("latency time=1s", False),
    ],
)
def test_only_faults_about_time_want_to_know(line, ticks):
    assert FaultPipeline([Hit(parse(line), context(stream()))]).ticks is ticks
