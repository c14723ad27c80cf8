"""Calls of a worker: in turn, anew after its end, and none once they are closed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

import pytest

from foundation.errors import ServerError
from foundation.worker_calls import WorkerCalls

ECHO = "tests.foundation.echo_worker"


async def pid(workers: WorkerCalls) -> int:
    return int(await workers.call(ECHO, b"pid"))


def test_calls_are_answered_in_turn_by_one_process():
    async def run() -> None:
        with contextlib.closing(WorkerCalls()) as workers:
            messages = [str(number).encode() for number in range(20)]
            assert await asyncio.gather(*(workers.call(ECHO, one) for one in messages)) == messages
            assert await pid(workers) == await pid(workers)

    asyncio.run(run())


def test_nothing_waits_for_a_call():
    async def run() -> None:
        with contextlib.closing(WorkerCalls()) as workers:
            own = await pid(workers)
            os.kill(own, signal.SIGSTOP)
            call = asyncio.create_task(workers.call(ECHO, b"slow"))
            await asyncio.to_thread(int)
            assert not call.done()
            os.kill(own, signal.SIGCONT)
            assert await call == b"slow"

    asyncio.run(run())


def test_a_process_that_ended_is_reported_and_started_anew():
    async def run() -> None:
        with contextlib.closing(WorkerCalls()) as workers:
            own = await pid(workers)
            with pytest.raises(ServerError, match="has ended: try again"):
                await workers.call(ECHO, b"end")
            assert await pid(workers) != own

    asyncio.run(run())


def test_closed_calls_start_nothing():
    async def run() -> None:
        workers = WorkerCalls()
        workers.close()
        with pytest.raises(ServerError, match="ends"):
            await workers.call(ECHO, b"late")

    asyncio.run(run())
