"""The workspace: the cassettes that an inspector shows, followed while they grow, and who waits for changes."""

from __future__ import annotations

import asyncio
import stat
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from cassettes.file.reader import Cassette
from cassettes.model import Request
from foundation.errors import CassetteError
from foundation.time_slices import in_slices
from foundation.timers import Timers, sleep_until
from foundation.worker_calls import WorkerCalls
from inspector.indexing.worker_client import IndexingClient
from inspector.request_errors import Missing
from inspector.workspace.followed_cassette import FollowedCassette, open_cassette
from inspector.workspace.page_recorder import PageRecorder
from inspector.workspace.request_sender import RequestSender
from inspector.workspace.response_timeline import ResponseTimeline
from inspector.workspace.subscriber import Subscriber
from inspector.workspace.uploads import UploadFolder

INTERVAL = 250_000
"""Microseconds between two looks at the files."""

TIMELINES_KEPT = 8
"""Timelines in memory: those of the responses that people look at now."""

SEARCHES_KEPT = 4
"""Results of filters and sorts in memory, for their next pages."""


class Workspace:
    """The cassettes that an inspector shows, numbered from 0 in the order in which they are opened.

    They are opened at the first request; a file that does not exist yet, or is empty, is opened once it has content.
    `version` grows with each change of any file. `found` holds the latest searches by filter and sort, each with the
    version for which it was made. `workers` are processes for what takes long.
    `replay_url` is where the replay listens whose admin listener serves the page, and empty when there is none.
    `recorder` records for the page, where it can.
    """

    def __init__(
        self,
        paths: Iterable[Path],
        timers: Timers,
        *,
        replay_url: str = "",
        token_needed: bool = False,
        recorder: PageRecorder | None = None,
    ) -> None:
        self.timers = timers
        self.replay_url = replay_url
        self.recorder = recorder
        self.token_needed = token_needed
        self.files: list[FollowedCassette] = []
        self.version = 0
        self.found: OrderedDict[tuple[str, str], tuple[int, Sequence[int]]] = OrderedDict()
        self.uploads = UploadFolder()
        self.workers = WorkerCalls()
        self._sender = RequestSender(self.uploads)
        self._sent: FollowedCassette | None = None
        self._sending = asyncio.Lock()
        self._indexing = IndexingClient()
        self._unopened = list(paths)
        self._opening = asyncio.Lock()
        self._subscribers: set[Subscriber] = set()
        self._timelines: OrderedDict[tuple[Cassette, int], ResponseTimeline] = OrderedDict()
        self._following: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open the files that have content and are not open yet, and follow them; raises CassetteError."""
        async with self._opening:
            for path in [path for path in self._unopened if has_content(path)]:
                await self.add(path)
                self._unopened.remove(path)
        if self._following is None:
            self._following = asyncio.create_task(self._follow())

    async def add(self, path: Path, name: str = "") -> FollowedCassette:
        """Open one more cassette, shown by this name or by that of the file; raises CassetteError."""
        opened = await open_cassette(path)
        file = FollowedCassette(len(self.files), name or path.name, opened, self._indexing, self._changed)
        self.files.append(file)
        self._changed(file, None)
        return file

    async def send(self, request: Request, origin: str) -> str:
        """Send a request, and return the id of its exchange once that is recorded; raises as the sender does."""
        async with self._sending:
            number = await self._sender.send(request, origin)
            assert self._sender.path is not None
            if self._sent is None:
                self._sent = await self.add(self._sender.path, "sent from this page")
            file = self._sent
        await self.until(lambda: len(file.cassette) > number or bool(file.trouble))
        return f"{file.number}.{number}"

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait for a change after which something has happened, or for the end."""
        subscriber = self.subscribe()
        try:
            while not happened() and not subscriber.ended:
                await subscriber.woken.wait()
                subscriber.take()
        finally:
            self.unsubscribe(subscriber)

    def close(self) -> None:
        """Close all files, end its processes and remove what was imported."""
        if self._following is not None:
            self._following.cancel()
        self._indexing.close()
        self.workers.close()
        self._sender.close()
        for file in self.files:
            file.close()
        self.uploads.close()

    def end(self) -> None:
        """End the subscriptions of all who wait for changes, and the processes that others wait for."""
        self.workers.close()
        for subscriber in self._subscribers:
            subscriber.end()

    def announce(self) -> None:
        """Tell all who wait for changes that something changed which belongs to no file."""
        self.version += 1
        for subscriber in self._subscribers:
            subscriber.add_changes(())

    def find(self, exchange: str) -> tuple[FollowedCassette, int]:
        """The file and the number of the exchange with an id such as 0.17; raises Missing."""
        which, _, number = exchange.partition(".")
        if int(which) >= len(self.files) or int(number) >= len(self.files[int(which)].cassette):
            raise Missing(f"there is no exchange {exchange}")
        return self.files[int(which)], int(number)

    def remember(self, search: tuple[str, str], version: int, found: Sequence[int]) -> None:
        """Keep the result of a search for its next pages."""
        self.found.pop(search, None)
        self.found[search] = version, found
        if len(self.found) > SEARCHES_KEPT:
            self.found.popitem(last=False)

    async def timeline(self, file: FollowedCassette, number: int) -> ResponseTimeline:
        """The timeline of an exchange's response, up to the records that there are now; raises CassetteError."""
        key = (file.cassette, number)
        timeline = self._timelines.pop(key, None) or ResponseTimeline(*key)
        self._timelines[key] = timeline
        if len(self._timelines) > TIMELINES_KEPT:
            self._timelines.popitem(last=False)
        await in_slices(timeline.read_on(), self.timers)
        return timeline

    def subscribe(self) -> Subscriber:
        """A subscriber that gathers changes until `unsubscribe`."""
        subscriber = Subscriber()
        self._subscribers.add(subscriber)
        return subscriber

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Gather no more changes for a subscriber."""
        self._subscribers.discard(subscriber)

    async def _follow(self) -> None:
        """Look at the files every `INTERVAL`, and open those that got content meanwhile."""
        while True:
            await sleep_until(self.timers, self.timers.now() + INTERVAL)
            for file in self.files:
                file.follow(self.timers.now())
            if self._unopened:
                with suppress(CassetteError):  # the next request opens it, too, and reports the error
                    await self.open()

    def _changed(self, file: FollowedCassette, numbers: Iterable[int] | None) -> None:
        self.version += 1
        ids = None if numbers is None else [f"{file.number}.{number}" for number in numbers]
        for subscriber in self._subscribers:
            subscriber.add_changes(ids)


def has_content(path: Path) -> bool:
    """Whether a file exists and is not empty; a pipe counts, as it can be read once, at any time."""
    try:
        found = path.stat()
    except OSError:
        return False
    return found.st_size > 0 or not stat.S_ISREG(found.st_mode)
