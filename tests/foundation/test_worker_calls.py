"""Calls of a worker: in turn, anew after its end, and none once they are closed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading

import pytest

from foundation import worker_calls
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


def test_a_process_that_starts_while_all_are_ended_is_ended_too(monkeypatch):
    start, starting, closing = worker_calls.start_worker, threading.Event(), threading.Event()
    started: list[subprocess.Popen[bytes]] = []

    def start_slowly(module: str) -> subprocess.Popen[bytes]:
        starting.set()
        assert closing.wait(20)
        started.append(start(module))
        return started[-1]

    async def run() -> None:
        workers = WorkerCalls()
        call = asyncio.create_task(workers.call(ECHO, b"late"))
        await asyncio.to_thread(starting.wait, 20)
        threading.Timer(0.05, closing.set).start()  # it ends only once the process has started
        await asyncio.to_thread(workers.close)
        assert [process.returncode for process in started] == [-signal.SIGKILL]
        with contextlib.suppress(ServerError):  # what it answered before its end is as good
            await call

    monkeypatch.setattr(worker_calls, "start_worker", start_slowly)
    asyncio.run(run())
