"""What is inspected: the files, followed while they grow, and who waits for a change."""

from __future__ import annotations

import asyncio
import stat
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from cassettes.file.reader import Cassette
from foundation.errors import CassetteError
from foundation.time_slices import in_slices
from foundation.timers import Timers, sleep_until
from inspector.indexing.worker_client import Background
from inspector.request_errors import Missing
from inspector.workspace.followed_cassette import FollowedCassette, open_now
from inspector.workspace.response_timeline import ResponseTimeline
from inspector.workspace.subscriber import Subscriber
from inspector.workspace.uploads import Imports

INTERVAL = 250_000
"""Microseconds between two looks at the files."""

MOST_COURSES = 8
"""Answers that are kept at hand: those that people look at just now."""

MOST_SEARCHES = 4
"""Filters and sorts whose exchanges are kept at hand."""


class Workspace:
    """Cassettes, counted from 0 in the order in which they are opened: that is when somebody asks for the first time.

    A file that is not there, or still empty, is waited for. `version` grows with each change of any of them; `found`
    has the latest searches by filter and sort, each with the version that it was made in.
    """

    def __init__(
        self, paths: Iterable[Path], timers: Timers, *, replay: bool = False, token_needed: bool = False
    ) -> None:
        self.timers = timers
        self.replay = replay
        self.token_needed = token_needed
        self.files: list[FollowedCassette] = []
        self.version = 0
        self.found: OrderedDict[tuple[str, str], tuple[int, Sequence[int]]] = OrderedDict()
        self.imports = Imports()
        self._background = Background()
        self._waiting = list(paths)
        self._opening = asyncio.Lock()
        self._watchers: set[Subscriber] = set()
        self._courses: OrderedDict[tuple[Cassette, int], ResponseTimeline] = OrderedDict()
        self._following: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open what is there and not open yet, and follow it; raises CassetteError."""
        async with self._opening:
            for path in [path for path in self._waiting if is_begun(path)]:
                await self.add(path)
                self._waiting.remove(path)
        if self._following is None:
            self._following = asyncio.create_task(self._follow())

    async def add(self, path: Path, name: str = "") -> FollowedCassette:
        """Open one more cassette, which is told by this name or its own; raises CassetteError."""
        opened = await open_now(path)
        file = FollowedCassette(len(self.files), name or path.name, opened, self._background, self._changed)
        self.files.append(file)
        self._changed(file, None)
        return file

    def close(self) -> None:
        """Let go of all files."""
        if self._following is not None:
            self._following.cancel()
        self._background.close()
        for file in self.files:
            file.close()
        self.imports.close()

    def end(self) -> None:
        """Let everybody go who waits for changes."""
        for watcher in self._watchers:
            watcher.end()

    def find(self, exchange: str) -> tuple[FollowedCassette, int]:
        """The file and the number of an exchange by its id; raises Missing."""
        which, _, number = exchange.partition(".")
        if int(which) >= len(self.files) or int(number) >= len(self.files[int(which)].cassette):
            raise Missing(f"there is no exchange {exchange}")
        return self.files[int(which)], int(number)

    def remember(self, search: tuple[str, str], version: int, found: Sequence[int]) -> None:
        """Keep what a search found, for the next page of it."""
        self.found.pop(search, None)
        self.found[search] = version, found
        if len(self.found) > MOST_SEARCHES:
            self.found.popitem(last=False)

    async def course(self, file: FollowedCassette, number: int) -> ResponseTimeline:
        """The course of an answer as far as it is recorded by now; raises CassetteError."""
        place = (file.cassette, number)
        course = self._courses.pop(place, None) or ResponseTimeline(*place)
        self._courses[place] = course
        if len(self._courses) > MOST_COURSES:
            self._courses.popitem(last=False)
        await in_slices(course.go_on(), self.timers)
        return course

    def watch(self) -> Subscriber:
        """Somebody who waits for changes, until `forget`."""
        watcher = Subscriber()
        self._watchers.add(watcher)
        return watcher

    def forget(self, watcher: Subscriber) -> None:
        """He waits no more."""
        self._watchers.discard(watcher)

    async def _follow(self) -> None:
        """Look at the files again and again, and open those that are begun meanwhile."""
        while True:
            await sleep_until(self.timers, self.timers.now() + INTERVAL)
            for file in self.files:
                file.follow(self.timers.now())
            if self._waiting:
                with suppress(CassetteError):  # it is told to whoever asks
                    await self.open()

    def _changed(self, file: FollowedCassette, numbers: Iterable[int] | None) -> None:
        self.version += 1
        ids = None if numbers is None else [f"{file.number}.{number}" for number in numbers]
        for watcher in self._watchers:
            watcher.tell(ids)


def is_begun(path: Path) -> bool:
    """Whether anything is in a file; a pipe can be read once, at any time."""
    try:
        found = path.stat()
    except OSError:
        return False
    return found.st_size > 0 or not stat.S_ISREG(found.st_mode)
