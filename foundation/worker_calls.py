"""Calls of worker processes from an event loop: a message is sent, and one message comes back."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from contextlib import suppress

from foundation.errors import ServerError
from foundation.processes import receive_frame, send_frame, start_worker


class WorkerCalls:
    """Keeps a process for each module that is called, from the first call until `close`.

    A process answers one call after the other. One that has ended is started anew at the next call.
    """

    def __init__(self) -> None:
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._closed = False
        self._starting = threading.Lock()  # else a process that starts while all are ended would stay

    async def call(self, module: str, message: bytes) -> bytes:
        """Send a message to the process of a module, and return its answer; raises ServerError when it has ended."""
        async with self._turns.setdefault(module, asyncio.Lock()):
            return await asyncio.to_thread(self._call, module, message)

    def _call(self, module: str, message: bytes) -> bytes:
        process = self._process(module)
        assert process.stdin is not None
        assert process.stdout is not None
        answer = None
        with suppress(BrokenPipeError):
            send_frame(process.stdin, message)
            answer = receive_frame(process.stdout)
        if answer is None:
            end(self._processes.pop(module, process))
            raise ServerError(f"the process of {module} has ended: try again")
        return answer

    def _process(self, module: str) -> subprocess.Popen[bytes]:
        with self._starting:
            if self._closed:
                raise ServerError("the server ends")
            if module not in self._processes:
                self._processes[module] = start_worker(module)
            return self._processes[module]

    def close(self) -> None:
        """End all processes; calls that wait for an answer fail."""
        with self._starting:
            self._closed = True
        for process in [*self._processes.values()]:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process, which keeps nothing, and close the pipes to it; it may have ended already."""
    process.kill()
    process.wait()
    if process.stdin is not None:
        with suppress(BrokenPipeError):  # a message that it did not take is still buffered
            process.stdin.close()
    if process.stdout is not None:
        process.stdout.close()
