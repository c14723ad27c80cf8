"""A replay server in a thread, and what a test asks it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from pathlib import Path

from chatreel.cli.common_options import url
from chatreel.test_server.explanation import unplayed
from chatreel.workflows.threaded_server import Threaded
from replayer.faults.language.plan import plan_of
from replayer.journal import JournalEntry
from replayer.responder import Responder
from replayer.selection.client_sessions import ClientSession
from replayer.server import ReplayServer, ReplaySettings, replay_server

logger = logging.getLogger("chatreel")


class ThreadedReplay:
    """A server that plays cassettes; `url` is where. It belongs to the loop `loop` of another thread."""

    def __init__(self, server: ReplayServer, loop: asyncio.AbstractEventLoop) -> None:
        self.url = url(*server.address)
        self._responder = server.responder
        self._seed = server.responder.injector.plan.seed
        self._loop = loop
        self._seen = 0
        self._kept: list[JournalEntry] = []

    @property
    def journal(self) -> list[JournalEntry]:
        """What was asked and what became of it: the latest entries, oldest first."""
        return self._ask(lambda responder: list(responder.journal))

    @property
    def misses(self) -> list[JournalEntry]:
        """Of these, what is not in the cassettes."""
        return [entry for entry in self.journal if entry.why == "miss"]

    @property
    def sessions(self) -> list[ClientSession]:
        """The clients, with the tokens that each was given."""
        return self._ask(lambda responder: list(responder.sessions))

    @property
    def faults(self) -> list[str]:
        """The faults that hold. Others can be set at any time: they begin to count anew, for what is asked then."""
        return self._ask(lambda responder: responder.injector.plan.lines)

    @faults.setter
    def faults(self, faults: Iterable[str]) -> None:
        plan = plan_of([faults] if isinstance(faults, str) else faults, self._seed)
        self._ask(lambda responder: setattr(responder.injector, "plan", plan))

    def reset(self) -> None:
        """Begin anew, as if no client had come yet."""
        self._kept += self._new_misses()
        self._ask(lambda responder: responder.reset())

    def take_new_misses(self) -> list[JournalEntry]:
        """The misses since this was called last, also those before a reset."""
        found, self._kept = [*self._kept, *self._new_misses()], []
        return found

    def _new_misses(self) -> list[JournalEntry]:
        found = [miss for miss in self.misses if miss.number >= self._seen]
        self._seen = found[-1].number + 1 if found else self._seen
        return found

    def unplayed(self) -> str:
        """Return the list of the exchanges that no client has got; empty when there are none."""
        return self._ask(unplayed)

    def _ask[Answer](self, question: Callable[[Responder], Answer]) -> Answer:
        """What the server's own thread answers: nothing changes meanwhile."""

        async def answer() -> Answer:
            return question(self._responder)

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result()


@contextlib.contextmanager
def replaying(cassettes: Sequence[Path], settings: ReplaySettings) -> Iterator[ThreadedReplay]:
    """Play cassettes while the context lasts; what a person should know is logged as warnings of `chatreel`."""

    @contextlib.asynccontextmanager
    async def run() -> AsyncIterator[ThreadedReplay]:
        async with replay_server(cassettes, settings, logger.warning) as server:
            yield ThreadedReplay(server, asyncio.get_running_loop())

    with Threaded(run) as replay:
        yield replay
