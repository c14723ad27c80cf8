"""Forwards requests to a live upstream: its responses are streamed to the client at once, and recorded if asked for.

A response takes these steps; each piece passes all of them before the next one is read from the upstream:

    Upstream.send    the upstream's response as events, as they arrive
    recorder         records each event as it came, before anything changes it
    Relay            events to actions for this client: hop-by-hop headers removed, urls rewritten
    through_faults   the faults that hit this request, if any
    Framer, Wire     actions to bytes on the client's connection
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import NamedTuple

from cassettes.model import Request
from foundation.clock import Clock
from foundation.errors import UsageError
from foundation.printable import one_line
from foundation.timers import Timers
from recorder.assembly import Broken, ResponseEnd, ResponseHead
from replayer.faults.injection.active_plan import Hit
from replayer.faults.injection.pipeline import FaultPipeline
from replayer.forwarding.client_identity import Clients
from replayer.forwarding.live_faults import through_faults
from replayer.forwarding.miss_recorder import ForwardedExchange, MissRecorder
from replayer.forwarding.reverse_proxy import Relay, upstream_request
from replayer.forwarding.upstream import Upstream
from replayer.http1.encoder import After, Framer
from replayer.http1.incoming import Incoming
from replayer.listener.player import ResponseFactory, Wire
from replayer.schedule.actions import Action, Head, Schedule, moved
from replayer.schedule.error_responses import report

type WriteEntry = Callable[[int | None, list[str]], None]
"""Writes a forwarded request to the journal: the status of its response, None without one, and the faults that changed
it so far. That list grows when further faults change the response."""


class Forwarder:
    """Forwards the requests of all clients to one upstream; `clients` tells the clients apart.

    `log` is called with lines for a person. `recorder` records what is forwarded, if it is to be recorded.
    """

    def __init__(
        self,
        upstream: Upstream,
        clock: Clock,
        log: Callable[[str], None],
        recorder: MissRecorder | None = None,
    ) -> None:
        self.upstream = upstream
        self.clients = Clients()
        self.log = log
        self._clock = clock
        self._recorder = recorder
        self._tasks: set[asyncio.Task[None]] = set()

    def forward(
        self,
        incoming: Incoming,
        request: Request,
        client: int | None,
        hits: Sequence[Hit],
        write_entry: WriteEntry,
    ) -> ResponseFactory:
        """Return a factory of the response that the upstream gives to `request`, changed by the faults that hit it.

        `request` is the one that `incoming` has, or the same with recorded tokens in the place of the client's own.
        `client` is the client's number in `clients`, None when its session is known. `write_entry` is called once,
        when the status is known or the response has ended. Raises UsageError when a fault fails.
        """
        forwarded = ForwardedRequest(
            incoming,
            upstream_request(request, self.upstream.origin),
            client,
            FaultPipeline(hits) if hits else None,
            write_entry,
        )
        return lambda wire, timers, _start, done: LiveResponse(self, forwarded, wire, timers, done)

    def begin(self, request: Request) -> ForwardedExchange:
        """Begin to record an exchange; when nothing is recorded, its events are discarded."""
        recorded = self._recorder.begin(request) if self._recorder else None
        return recorded or ForwardedExchange(lambda _event: None, self._clock.now)

    def run(self, response: LiveResponse) -> asyncio.Task[None]:
        """Start the task of a response, which `close` cancels."""
        task = asyncio.get_running_loop().create_task(response.run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Cancel the responses under way, and close the recording."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._recorder is not None:
            self._recorder.close()


class ForwardedRequest(NamedTuple):
    """A request to be forwarded: as it arrived, as the upstream gets it, and what its response passes through."""

    incoming: Incoming
    request: Request
    client: int | None
    pipeline: FaultPipeline | None
    write_entry: WriteEntry


class LiveResponse:
    """The response to one forwarded request, from the upstream to the client's connection."""

    def __init__(
        self,
        forwarder: Forwarder,
        forwarded: ForwardedRequest,
        wire: Wire,
        timers: Timers,
        done: Callable[[After], object],
    ) -> None:
        self._forwarder = forwarder
        self._forwarded = forwarded
        self._framer = Framer(forwarded.incoming.request.method, forwarded.incoming.client)
        self._wire = wire
        self._timers = timers
        self._done = done
        self._task: asyncio.Task[None] | None = None
        self._entry_written = False

    def play(self) -> None:
        """Send the request to the upstream, and pass its response on."""
        self._task = self._forwarder.run(self)

    def cancel(self) -> None:
        """Stop, because the client has left; the connection to the upstream is closed."""
        if self._task is not None:
            self._task.cancel()

    async def run(self) -> None:
        """Pass the response on until it has ended, then report what becomes of the client's connection."""
        try:
            await self._pass_on()
        except asyncio.CancelledError:
            self._write_entry(None)
            raise
        except UsageError as error:  # a fault failed
            self._forwarder.log(one_line(str(error)))
            self._write_entry(None)
            self._done("reset")
            return
        except Exception:
            self._done("reset")  # the loop reports the defect; the client must not wait for it
            raise
        self._write_entry(None)
        if self._framer.after != "hang":  # the client waits for ever, so the response is never done
            self._done(self._framer.after)

    async def _pass_on(self) -> None:
        forwarded = self._forwarded
        async with aclosing(self._response()) as response:
            actions: AsyncGenerator[Action] = response
            if forwarded.pipeline:
                actions = through_faults(
                    response, forwarded.pipeline, self._timers, forwarded.incoming.request.at
                )
            async with aclosing(actions):
                async for action in actions:
                    if isinstance(action, Head):
                        self._write_entry(action.status)
                    await self._send(self._framer.feed(action))

    async def _response(self) -> AsyncGenerator[Action]:
        """Yield the upstream's response as actions for the client; it is recorded as it came."""
        forwarder, forwarded = self._forwarder, self._forwarded
        relay = Relay(forwarded.incoming, forwarder.upstream.origin)
        exchange = forwarder.begin(forwarded.request)
        begun = ended = False
        try:
            async with aclosing(forwarder.upstream.send(forwarded.request, exchange.now)) as events:
                async for event in events:
                    exchange.see(event)
                    ended = isinstance(event, ResponseEnd | Broken)
                    if isinstance(event, Broken) and not begun:
                        for action in self._bad_gateway(event):
                            yield action
                        return
                    if isinstance(event, ResponseHead) and forwarded.client is not None:
                        forwarder.clients.learn_cookies(forwarded.client, event.headers)
                    begun = True
                    for action in relay.actions(event, self._elapsed()):
                        yield action
        finally:
            if not ended:
                exchange.see(Broken(exchange.now(), "client-closed"))

    def _elapsed(self) -> int:
        """Return the microseconds since the whole request had arrived."""
        return self._timers.now() - self._forwarded.incoming.request.at

    def _write_entry(self, status: int | None) -> None:
        """Write the journal's entry, unless it has been written."""
        if not self._entry_written:
            self._entry_written = True
            pipeline = self._forwarded.pipeline
            self._forwarded.write_entry(status, pipeline.lines if pipeline else [])

    def _bad_gateway(self, broken: Broken) -> Schedule:
        """Return a response with status 502 that says why the upstream gave none."""
        endings = {"server-closed": "closed the connection", "reset": "reset the connection"}
        origin = self._forwarder.upstream.origin
        why = broken.message or f"{origin} {endings[broken.how]} without an answer"
        return tuple(moved(action, self._elapsed()) for action in report(502, {"error": why}))

    async def _send(self, data: bytes) -> None:
        """Write to the client, and wait until its connection has taken all of it."""
        if data and not self._wire.write(data):
            drained = asyncio.get_running_loop().create_future()
            self._wire.when_drained(lambda: None if drained.done() else drained.set_result(None))
            await drained
