"""A page that waits for changes of the inspected files."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence


class Subscriber:
    """Waits for changes: their exchanges are gathered until they are taken."""

    MOST = 200
    """Exchanges that are named; more are "all"."""

    def __init__(self) -> None:
        self.come = asyncio.Event()
        self.ended = False
        self.has_news = False
        self._ids: dict[str, None] | None = {}

    def tell(self, ids: Sequence[str] | None) -> None:
        """Something changed: these exchanges, or any."""
        if self._ids is not None and ids is not None and len(self._ids) + len(ids) <= self.MOST:
            self._ids |= dict.fromkeys(ids)
        else:
            self._ids = None
        self.has_news = True
        self.come.set()

    def take(self) -> list[str] | None:
        """What has changed since the last time; None is anything."""
        ids, self._ids, self.has_news = self._ids, {}, False
        self.come.clear()
        return None if ids is None else list(ids)

    def end(self) -> None:
        """There is nothing more to wait for."""
        self.ended = True
        self.come.set()
