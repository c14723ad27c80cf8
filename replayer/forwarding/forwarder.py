"""Answers from a live upstream what was not recorded: streamed through at once, and recorded when asked to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Literal, NamedTuple

from cassettes.model import Request
from foundation.clock import Clock
from foundation.errors import UsageError
from foundation.printable import one_line
from foundation.timers import Timers
from recorder.assembly import Broken, ResponseEnd, ResponseHead
from replayer.faults.injection.active_plan import Hit
from replayer.faults.injection.pipeline import FaultPipeline
from replayer.forwarding.client_identity import Clients
from replayer.forwarding.live_faults import in_course
from replayer.forwarding.miss_recorder import ForwardedExchange, MissRecorder
from replayer.forwarding.reverse_proxy import Relay, outgoing
from replayer.forwarding.upstream import Upstream
from replayer.http1.encoder import After, Framer
from replayer.http1.request_parser import Incoming
from replayer.listener.player import ResponseFactory, Wire
from replayer.schedule.actions import Action, Head, Schedule, moved
from replayer.schedule.error_responses import report

type OnMiss = Literal["501", "forward", "record"]

type Note = Callable[[int | None, list[str]], None]
"""Is told the status of an answer, None for none, and the faults that changed it, which may become more."""


class Forwarder:
    """Forwards requests to one upstream, for all clients; `clients` tells these apart.

    `say` is given a line for whatever a person should know.
    """

    def __init__(
        self,
        upstream: Upstream,
        clock: Clock,
        say: Callable[[str], None],
        additions: MissRecorder | None = None,
    ) -> None:
        self.upstream = upstream
        self.clients = Clients()
        self.say = say
        self._clock = clock
        self._additions = additions
        self._tasks: set[asyncio.Task[None]] = set()

    def forward(
        self, incoming: Incoming, request: Request, client: int | None, hits: Sequence[Hit], note: Note
    ) -> ResponseFactory:
        """The upstream's answer to `request`, which is the client's own or what it stands for.

        It goes through the faults that hit it. `client` is who asks, where `clients` knows; `note` is told what
        he gets. Raises UsageError for a fault that fails.
        """
        asked = outgoing(request, self.upstream.origin)
        order = Order(incoming, asked, client, FaultPipeline(hits) if hits else None, note)
        return lambda wire, timers, done: LiveResponse(self, order, wire, timers, done)

    def begin(self, request: Request) -> ForwardedExchange:
        """Where the events of an exchange go, if anywhere."""
        kept = self._additions.begin(request) if self._additions else None
        return kept or ForwardedExchange(lambda _event: None, self._clock.now)

    def run(self, passage: LiveResponse) -> asyncio.Task[None]:
        """Begin a task that `close` ends."""
        task = asyncio.get_running_loop().create_task(passage.run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End what is under way, and the recording."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._additions is not None:
            self._additions.close()


class Order(NamedTuple):
    """What is to be forwarded: for whom, how, through which faults, and who wants to know of the answer."""

    incoming: Incoming
    request: Request
    client: int | None
    course: FaultPipeline | None
    note: Note


class LiveResponse:
    """One exchange between a client and the upstream, under way."""

    def __init__(
        self,
        forwarder: Forwarder,
        order: Order,
        wire: Wire,
        timers: Timers,
        done: Callable[[After], object],
    ) -> None:
        self._forwarder = forwarder
        self._order = order
        self._framer = Framer(order.incoming.request.method, order.incoming.client)
        self._wire = wire
        self._timers = timers
        self._done = done
        self._task: asyncio.Task[None] | None = None
        self._noted = False

    def play(self) -> None:
        """Ask the upstream, and pass its answer on."""
        self._task = self._forwarder.run(self)

    def cancel(self) -> None:
        """The client has left: so do we."""
        if self._task is not None:
            self._task.cancel()

    async def run(self) -> None:
        """Until the answer has ended."""
        try:
            await self._pass_on()
        except asyncio.CancelledError:
            self._note(None)
            raise
        except UsageError as error:  # a fault fails
            self._forwarder.say(one_line(str(error)))
            self._note(None)
            self._done("reset")
            return
        except Exception:
            self._done("reset")  # the loop reports the defect; the client must not wait for it
            raise
        self._note(None)
        if self._framer.after != "hang":  # such a one is never done
            self._done(self._framer.after)

    async def _pass_on(self) -> None:
        async with aclosing(self._answer()) as answer:
            steps: AsyncGenerator[Action] = answer
            if self._order.course:
                steps = in_course(answer, self._order.course, self._timers, self._order.incoming.request.at)
            async with aclosing(steps):
                async for step in steps:
                    if isinstance(step, Head):
                        self._note(step.status)
                    await self._send(self._framer.feed(step))

    async def _answer(self) -> AsyncGenerator[Action]:
        """What the upstream answers, as it comes; it is recorded as it came."""
        forwarder, order = self._forwarder, self._order
        relay = Relay(order.incoming, forwarder.upstream.origin)
        exchange = forwarder.begin(order.request)
        answered = ended = False
        try:
            async with aclosing(forwarder.upstream.answer(order.request, exchange.now)) as events:
                async for event in events:
                    exchange.see(event)
                    ended = isinstance(event, ResponseEnd | Broken)
                    if isinstance(event, Broken) and not answered:
                        for action in self._say_why(event):
                            yield action
                        return
                    if isinstance(event, ResponseHead) and order.client is not None:
                        forwarder.clients.issued(order.client, event.headers)
                    answered = True
                    for action in relay.actions(event, self._passed()):
                        yield action
        finally:
            if not ended:
                exchange.see(Broken(exchange.now(), "client-closed"))

    def _passed(self) -> int:
        """Microseconds since the request was whole."""
        return self._timers.now() - self._order.incoming.request.at

    def _note(self, status: int | None) -> None:
        if not self._noted:
            self._noted = True
            self._order.note(status, self._order.course.lines if self._order.course else [])

    def _say_why(self, broken: Broken) -> Schedule:
        """Tell the client that the upstream gave no answer."""
        said = {"server-closed": "closed the connection", "reset": "reset the connection"}
        origin = self._forwarder.upstream.origin
        why = broken.message or f"{origin} {said[broken.how]} without an answer"
        return tuple(moved(action, self._passed()) for action in report(502, {"error": why}))

    async def _send(self, data: bytes) -> None:
        """Write to the client, and wait while it does not read."""
        if data and not self._wire.write(data):
            drained = asyncio.get_running_loop().create_future()
            self._wire.when_drained(lambda: None if drained.done() else drained.set_result(None))
            await drained
