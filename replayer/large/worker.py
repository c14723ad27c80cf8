"""Asks the process that handles what is large, without holding up the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from foundation.errors import ChatreelError
from foundation.processes import start_worker
from replayer.large.worker_messages import Failed, Question, Reply, receive_reply, send

PROGRAM = "replayer.large.worker_process"
"""The module that the process runs. It is not imported here, because most replays never need it."""


class LargeWorkFailed(ChatreelError):
    """The process could not do what it was asked to do."""


class Worker:
    """One process, which is started when it is asked first, and again when it has died.

    `descriptors` are those of the cassettes, which it reads from. A thread talks to it: waiting for a pipe takes none
    of the interpreter's time.
    """

    def __init__(self, descriptors: Sequence[int]) -> None:
        self._descriptors = descriptors
        self._thread = ThreadPoolExecutor(1, "large")
        self._process: subprocess.Popen[bytes] | None = None
        self._free = asyncio.Lock()
        self._closed = False

    @contextlib.asynccontextmanager
    async def reserved(self) -> AsyncIterator[None]:
        """Have the process for several questions that belong together; others wait meanwhile."""
        async with self._free:
            yield

    async def ask[Answer: Reply](self, make: Callable[[], Question], wanted: type[Answer]) -> Answer:
        """Return the reply to the question that `make()` returns; raises LargeWorkFailed.

        `make` runs in the thread, so that it can read and write files.
        """
        reply = await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, make)
        if isinstance(reply, Failed):
            raise LargeWorkFailed(reply.error)
        assert isinstance(reply, wanted)
        return reply

    async def in_thread[Result](self, call: Callable[[], Result]) -> Result:
        """Return what `call()` returns, which waits for files and not for the interpreter."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def _ask(self, make: Callable[[], Question]) -> Reply:
        question = make()
        if self._closed:
            return Failed("the server is closing")
        if self._process is None:
            self._process = start_worker(PROGRAM, pass_fds=self._descriptors)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            send(self._process.stdin, question)
            reply = receive_reply(self._process.stdout)
        except OSError:
            reply = None
        if reply is None:
            self._end()
            return Failed(
                "the process that handles large requests and answers has ended: is there enough memory?"
            )
        return reply

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError):
                process.communicate()  # closes its pipes, and waits

    def close(self) -> None:
        """End the process; a question under way fails."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()
        self._thread.submit(self._end)
        self._thread.shutdown()
