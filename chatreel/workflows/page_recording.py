"""Recordings that the inspector's page starts and stops, each by a `chatreel record` of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from pathlib import Path
from urllib.parse import urlsplit

from foundation.clock import SYSTEM
from foundation.errors import ServerError
from inspector.workspace.page_recorder import RunningRecording

PATIENCE = 60
"""Seconds that a recording may take to begin or to end."""


class RecordCommand:
    """Runs `chatreel record` for a chatbot, in a process of its own, so that the page never delays the traffic.

    Each recording gets a file of its own in `folder`, named after the time. The proxy keeps the port that the first
    recording got, so that clients need not be told again.
    """

    def __init__(self, upstream: str, folder: Path) -> None:
        self.upstream = upstream
        self._folder = folder
        self._port = 0
        self._process: Process | None = None
        self._running: RunningRecording | None = None
        self._reading: list[asyncio.Task[None]] = []
        self._turn = asyncio.Lock()

    @property
    def running(self) -> RunningRecording | None:
        """The recording under way, None while there is none."""
        alive = self._process is not None and self._process.returncode is None
        return self._running if alive else None

    async def start(self) -> RunningRecording:
        """Begin a recording; raises ServerError when that fails or one is under way."""
        async with self._turn:
            if self.running is not None:
                raise ServerError(f"{self.running.path} is being recorded already")
            now = SYSTEM.wall()
            out = self._folder / f"recording-{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03}.jsonl"
            command = [
                sys.executable, "-P", "-m", "chatreel", "record", "--upstream", self.upstream, "--out", str(out),
                "--listen", f"127.0.0.1:{self._port}", "--json", "--quiet",
            ]  # fmt: skip
            # A group of its own: a terminal's Ctrl-C is for the page, which then ends the recording.
            process = self._process = await asyncio.create_subprocess_exec(
                *command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, process_group=0
            )
            assert process.stdout is not None
            assert process.stderr is not None
            said: deque[str] = deque(maxlen=20)
            errors = asyncio.create_task(keep_lines(process.stderr, said))
            ready = await ready_line(process)
            if not ready:
                await errors
                raise ServerError(
                    said[-1] if said else "chatreel record did not begin: try it on the command line"
                )
            fields = json.loads(ready)
            self._port = urlsplit(fields["url"]).port or 0
            self._running = RunningRecording(fields["url"], str(out))
            self._reading = [errors, asyncio.create_task(keep_lines(process.stdout, deque(maxlen=1)))]
            return self._running

    async def stop(self) -> None:
        """End the recording, whose file is whole then; does nothing when there is none."""
        async with self._turn:
            process = self._process
            if process is None:
                return
            if process.returncode is None:
                process.send_signal(signal.SIGINT)
            await ended(process)
            await asyncio.gather(*self._reading)
            self._process = self._running = None


async def ready_line(process: Process) -> bytes:
    """The first line that a process writes, empty when it ends without one, or takes too long."""
    assert process.stdout is not None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            line = await process.stdout.readline()
            if line:
                return line
    await ended(process)
    return b""


async def ended(process: Process) -> None:
    """Wait until a process has ended; one that does not is killed."""
    try:
        async with asyncio.timeout(PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def keep_lines(pipe: asyncio.StreamReader, kept: deque[str]) -> None:
    """Read lines until the pipe ends, so that the process never waits for it, and keep the last ones."""
    async for line in pipe:
        kept.append(line.decode("utf-8", "replace").strip())
