"""Answers from a live upstream what was not recorded: streamed through at once, and recorded when asked to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import aclosing
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from cassettes.errors import UsageError
from cassettes.model import Request
from recorder.assembly import Broken, ResponseData, ResponseHead
from replayer.additions import Additions, Exchange
from replayer.clock import Clock
from replayer.framing import After, script
from replayer.incoming import Incoming
from replayer.player import Live, Wire
from replayer.refusal import report
from replayer.relay import Relay, outgoing
from replayer.upstream import Upstream

type OnMiss = Literal["501", "forward", "record"]


class Misses(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a request that matches nothing.

    It gets a report, or is sent to `upstream`, scheme://host[:port] (empty: the one that was recorded), which
    `authority`, a PEM file, vouches for; "record" also appends the exchange to the cassette `into`, redacted by
    the further `rules` too.
    """

    answer: OnMiss = "501"
    upstream: str = ""
    authority: Path | None = None
    into: Path | None = None
    rules: tuple[str, ...] = ()


class Forwarder:
    """Forwards requests to one upstream, for all clients."""

    def __init__(self, upstream: Upstream, clock: Clock, additions: Additions | None = None) -> None:
        self.upstream = upstream
        self._clock = clock
        self._additions = additions
        self._tasks: set[asyncio.Task[None]] = set()

    def forward(self, incoming: Incoming, request: Request, note: Callable[[int | None], None]) -> Live:
        """The upstream's answer for this client to `request`, which is the client's own or what it stands for.

        `note` is told the status that the client gets, None when it left before.
        """
        asked = outgoing(request, self.upstream.origin)
        return lambda wire, done: Passage(self, Order(incoming, asked, note), wire, done)

    def begin(self, request: Request) -> Exchange:
        """Where the events of an exchange go, if anywhere."""
        kept = self._additions.begin(request) if self._additions else None
        return kept or Exchange(lambda _event: None, self._clock.now)

    def run(self, passage: Passage) -> asyncio.Task[None]:
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
    """What is to be forwarded: for whom, how, and who wants to know the status of the answer."""

    incoming: Incoming
    request: Request
    note: Callable[[int | None], None]


class Passage:
    """One exchange between a client and the upstream, under way."""

    def __init__(
        self, forwarder: Forwarder, order: Order, wire: Wire, done: Callable[[After], object]
    ) -> None:
        self._forwarder = forwarder
        self._order = order
        self._relay = Relay(order.incoming, forwarder.upstream.origin)
        self._wire = wire
        self._done = done
        self._task: asyncio.Task[None] | None = None
        self._answered = False

    def play(self) -> None:
        """Ask the upstream, and pass its answer on."""
        self._task = self._forwarder.run(self)

    def cancel(self) -> None:
        """The client has left: so do we."""
        if self._task is not None:
            self._task.cancel()

    async def run(self) -> None:
        """Until the answer has ended."""
        exchange = self._forwarder.begin(self._order.request)
        try:
            after = await self._pass_on(exchange)
        except asyncio.CancelledError:
            exchange.see(Broken(exchange.now(), "client-closed"))
            if not self._answered:
                self._order.note(None)
            raise
        except Exception:
            self._done("reset")  # the loop reports the defect; the client must not wait for it
            raise
        self._done(after)

    async def _pass_on(self, exchange: Exchange) -> After:
        async with aclosing(self._forwarder.upstream.answer(self._order.request, exchange.now)) as events:
            async for event in events:
                exchange.see(event)
                match event:
                    case ResponseHead():
                        self._note(event.status)
                        await self._send(self._relay.head(event))
                    case ResponseData():
                        await self._send(self._relay.data(event.data))
                    case Broken() if not self._answered:
                        return await self._say_why(event)
                    case _:
                        last, after = self._relay.end(event.how if isinstance(event, Broken) else "complete")
                        await self._send(last)
                        return after
        raise AssertionError("every answer has an end")

    def _note(self, status: int) -> None:
        self._answered = True
        self._order.note(status)

    async def _say_why(self, broken: Broken) -> After:
        """Tell the client that the upstream gave no answer."""
        self._note(502)
        said = {"server-closed": "closed the connection", "reset": "reset the connection"}
        origin, client = self._forwarder.upstream.origin, self._order.incoming
        why = broken.message or f"{origin} {said[broken.how]} without an answer"
        refusal = script(report(502, {"error": why}), client.request.method, client.client)
        await self._send(b"".join(frame.data for frame in refusal.frames))
        return refusal.after

    async def _send(self, data: bytes) -> None:
        """Write to the client, and wait while it does not read."""
        if data and not self._wire.write(data):
            drained = asyncio.get_running_loop().create_future()
            self._wire.when_drained(lambda: None if drained.done() else drained.set_result(None))
            await drained


def open_forwarder(
    misses: Misses, recorded: Iterable[str], clock: Clock, say: Callable[[str], None]
) -> Forwarder | None:
    """The forwarder that is asked for, if any; `recorded` are the upstreams of the recordings.

    Raises UsageError and CassetteError for what cannot be.
    """
    if misses.answer == "501":
        return None
    origin = misses.upstream or recorded_upstream(recorded, misses.answer)
    additions = None
    if misses.answer == "record":
        assert misses.into is not None
        additions = Additions(misses.into, origin, misses.rules, clock, say)
    return Forwarder(Upstream(origin, misses.authority), clock, additions)


def recorded_upstream(recorded: Iterable[str], answer: str) -> str:
    """The one upstream of the recordings; raises UsageError when they do not agree on one."""
    known = sorted(set(recorded))
    if len(known) == 1 and known[0]:
        return known[0]
    told = ", ".join(one or "none" for one in known)
    why = f"the recordings do not agree on it ({told})" if any(known) else "no recording names it"
    raise UsageError(f"--on-miss {answer} needs the upstream, and {why}: say which, with --upstream URL")
