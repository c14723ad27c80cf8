from __future__ import annotations

import asyncio
import gc
import os
import sys
import weakref

import pytest

from foundation.clock import SYSTEM
from foundation.timers import LONGEST_LEAD, MOST_CANCELLED, LoopTimers, TimerfdTimers, open_timers

KINDS = [
    LoopTimers,
    pytest.param(
        TimerfdTimers,
        marks=pytest.mark.skipif(not hasattr(os, "timerfd_create"), reason="no timerfd here"),
    ),
]


@pytest.fixture(params=KINDS)
def run_with(request):
    """Runs a coroutine with real timers of each kind."""

    def run(body):
        async def main():
            timers = request.param(asyncio.get_running_loop(), SYSTEM)
            try:
                return await asyncio.wait_for(body(timers), 10)
            finally:
                timers.close()

        return asyncio.run(main())

    return run


def test_alarms_ring_in_the_order_of_their_times_and_never_early(run_with):
    async def body(timers):
        rang, done, start = [], asyncio.Event(), timers.now()
        for delay in (3000, 1000, 2000, 0, -5, 1000):
            timers.call_at(start + delay, lambda delay=delay: rang.append((delay, timers.now() - start)))
        timers.call_at(start + 4000, done.set)
        await done.wait()
        return rang

    rang = run_with(body)
    assert [delay for delay, _ in rang] == [-5, 0, 1000, 1000, 2000, 3000]
    assert all(at >= delay for delay, at in rang)


def test_a_cancelled_alarm_never_rings_and_frees_its_call_at_once(timers):
    class Call:
        def __call__(self):
            pytest.fail("rang")

    call = Call()
    gone = weakref.ref(call)
    alarm = timers.call_at(timers.now() + 10, call)
    del call
    alarm.cancel()
    alarm.cancel()
    gc.collect()
    assert gone() is None
    timers.advance(100)


def test_alarms_of_the_same_time_ring_in_the_order_they_were_set(timers):
    rang = []
    for number in range(50):
        timers.call_at(timers.now() + 7, lambda number=number: rang.append(number))
    timers.advance(7)
    assert rang == list(range(50))


def test_cancelled_alarms_of_the_far_future_leave_the_heap(timers):
    kept = [timers.call_at(timers.now() + 100 + n, lambda: None) for n in range(10)]
    for _ in range(10_000):
        timers.call_at(timers.now() + 10**12, lambda: None).cancel()
        assert timers.pending <= len(kept) + MOST_CANCELLED + 1


def test_dropping_cancelled_alarms_loses_no_other(timers):
    rang, start = [], timers.now() + 1
    alarms = [timers.call_at(start + n * 37 % 1000, lambda n=n: rang.append(n)) for n in range(1000)]
    for n, alarm in enumerate(alarms):
        if n % 5:
            alarm.cancel()
    timers.advance(2000)
    assert sorted(rang) == list(range(0, 1000, 5))
    assert [n * 37 % 1000 for n in rang] == sorted(n * 37 % 1000 for n in rang)


def test_an_alarm_that_fails_is_reported_and_hinders_no_other(run_with):
    async def body(timers):
        reported, rang = [], asyncio.Event()
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context))
        timers.call_at(timers.now(), lambda: 1 // 0)
        timers.call_at(timers.now(), rang.set)
        await rang.wait()
        return reported

    (context,) = run_with(body)
    assert isinstance(context["exception"], ZeroDivisionError)


def test_an_alarm_set_by_an_alarm_rings(run_with):
    async def body(timers):
        done = asyncio.Event()
        timers.call_at(timers.now() + 500, lambda: timers.call_at(timers.now() + 500, done.set))
        await done.wait()

    run_with(body)


def test_an_earlier_alarm_rings_before_one_that_was_set_first(run_with):
    async def body(timers):
        done = asyncio.Event()
        far = timers.call_at(timers.now() + 60_000_000, lambda: pytest.fail("too early"))
        timers.call_at(timers.now() + 500, done.set)
        await done.wait()
        far.cancel()

    run_with(body)


@pytest.mark.parametrize("due", [-(10**30), 10**30])
def test_any_time_can_be_asked_for(run_with, due):
    async def body(timers):
        timers.call_at(due, lambda: None)
        done = asyncio.Event()
        timers.call_at(timers.now(), done.set)
        await done.wait()

    run_with(body)


def test_after_close_nothing_rings_and_nothing_breaks(run_with):
    async def body(timers):
        for due in (timers.now(), timers.now() + 10):
            timers.call_at(due, lambda: pytest.fail("rang"))
        timers.close()
        timers.call_at(timers.now(), lambda: pytest.fail("rang")).cancel()
        timers.close()
        turned = asyncio.Event()
        asyncio.get_running_loop().call_later(0.002, turned.set)
        await turned.wait()

    run_with(body)


def test_ringing_alarms_let_the_loop_turn(timers):
    rang = []

    def again():
        rang.append(timers.now())
        timers.call_at(timers.now(), again)

    again()
    timers.clock.time += 1
    timers.ring_due()
    assert len(rang) <= 3


def test_the_platform_gets_its_best_timers():
    async def kind():
        timers = open_timers()
        timers.close()
        return type(timers)

    has_timerfd = sys.platform == "linux" and hasattr(os, "timerfd_create")
    assert asyncio.run(kind()) is (TimerfdTimers if has_timerfd else LoopTimers)


@pytest.mark.skipif(not hasattr(os, "timerfd_create"), reason="no timerfd here")
def test_waiting_for_a_near_alarm_turns_the_loop_once_each_time():
    async def main():
        timers = TimerfdTimers(asyncio.get_running_loop(), SYSTEM)
        timers._lead = LONGEST_LEAD
        rang, done = [], asyncio.Event()
        start = timers.now() + LONGEST_LEAD
        alarms = [timers.call_at(start - n, lambda n=n: rang.append(n)) for n in range(100)]
        timers.call_at(start + 1, done.set)
        scheduled = sum("_turned" in repr(handle) for handle in asyncio.get_running_loop()._ready)
        await done.wait()
        timers.close()
        return len(alarms), scheduled, rang

    count, scheduled, rang = asyncio.run(main())
    assert scheduled == 1
    assert rang == list(reversed(range(count)))
