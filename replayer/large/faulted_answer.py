"""Plays a large answer that faults hit: its actions are read from the file while they pass through the faults.

A small answer passes as a whole, and its `Content-Length` follows what the faults did. Of a large one that is not known
when it begins, so it is sent in chunks, as a live answer is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

import msgspec

from foundation.errors import UsageError
from foundation.http.headers import bodiless, values, without
from foundation.timers import Timers
from replayer.faults.injection.active_plan import Hit
from replayer.faults.injection.pipeline import FaultPipeline
from replayer.forwarding.live_faults import through_faults
from replayer.http1.encoder import Framer
from replayer.http1.incoming import Incoming
from replayer.large.unpacked_answer import LargeScript
from replayer.listener.player import Done, ResponseFactory, Wire
from replayer.schedule.actions import Action, Head

type Written = Callable[[int | None, list[str]], None]
"""Called once with the status of the response, None without one, and the faults that changed it; that list grows."""


def faulted(
    script: LargeScript,
    hits: Sequence[Hit],
    incoming: Incoming,
    written: Written,
    failed: Callable[[str], object],
) -> ResponseFactory:
    """Return a large answer for a client as these faults change it; `failed` is told of a fault that fails."""

    def perform(wire: Wire, timers: Timers, start: int, done: Done) -> FaultedAnswer:
        pipeline = FaultPipeline(hits, script.size)
        return FaultedAnswer(script, pipeline, incoming, written, failed, wire, timers, start, done)

    return perform


class FaultedAnswer:
    """One such answer on a client's connection."""

    def __init__(
        self,
        script: LargeScript,
        pipeline: FaultPipeline,
        incoming: Incoming,
        written: Written,
        failed: Callable[[str], object],
        wire: Wire,
        timers: Timers,
        start: int,
        done: Done,
    ) -> None:
        self._script = script
        self._pipeline = pipeline
        self._incoming = incoming
        self._written: Written | None = written
        self._failed = failed
        self._wire = wire
        self._timers = timers
        self._start = start
        self._done = done
        self._framer = Framer(incoming.request.method, incoming.client)
        self._task: asyncio.Task[None] | None = None

    def play(self) -> None:
        """Begin to play."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def cancel(self) -> None:
        """Stop, because the client has left."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        try:
            await self._play_all()
        except UsageError as error:
            self._failed(str(error))
            self._done("reset")
            return
        except Exception:
            self._done("reset")  # the loop reports the defect; the client must not wait for it
            raise
        finally:
            self._write_entry(None)
        if self._framer.after != "hang":
            self._done(self._framer.after)

    async def _play_all(self) -> None:
        actions = through_faults(self._actions(), self._pipeline, self._timers, self._start)
        async with aclosing(actions):
            async for action in actions:
                if isinstance(action, Head):
                    self._write_entry(action.status)
                await self._send(self._framer.feed(action))

    async def _actions(self) -> AsyncGenerator[Action]:
        for action in self._script.actions():
            yield self._in_chunks(action) if isinstance(action, Head) else action

    def _in_chunks(self, head: Head) -> Head:
        """The head for a body whose length is not known yet; HTTP/1.0 has no chunks, and reads to the end."""
        method = self._incoming.request.method
        if bodiless(method, head.status) or not values(head.headers, "content-length"):
            return head
        headers = without(head.headers, "content-length", "transfer-encoding")
        return msgspec.structs.replace(head, headers=(*headers, ("Transfer-Encoding", "chunked")))

    async def _send(self, data: bytes) -> None:
        """Write to the client, and wait until its connection has taken all of it."""
        if data and not self._wire.write(data):
            drained = asyncio.get_running_loop().create_future()
            self._wire.when_drained(lambda: None if drained.done() else drained.set_result(None))
            await drained

    def _write_entry(self, status: int | None) -> None:
        """Write the journal's entry, unless it has been written."""
        written, self._written = self._written, None
        if written is not None:
            written(status, self._pipeline.lines)
