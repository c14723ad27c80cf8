"""A page that waits for changes of the files in the workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

MOST_IDS = 200
"""Exchanges that one change names; more of them are reported as "all"."""


class Subscriber:
    """Gathers the ids of changed exchanges until the stream of changes takes them.

    `woken` is set when there are changes to take, and when the subscription has `ended`.
    """

    def __init__(self, most_ids: int = MOST_IDS) -> None:
        self.woken = asyncio.Event()
        self.ended = False
        self.has_changes = False
        self._most_ids = most_ids
        self._ids: dict[str, None] | None = {}

    def add_changes(self, ids: Sequence[str] | None) -> None:
        """Add the ids of exchanges that changed; None stands for any exchange."""
        if self._ids is not None and ids is not None and len(self._ids) + len(ids) <= self._most_ids:
            self._ids |= dict.fromkeys(ids)
        else:
            self._ids = None
        self.has_changes = True
        self.woken.set()

    def take(self) -> list[str] | None:
        """The ids that were added since the last time, in their order; None stands for any exchange."""
        ids, self._ids, self.has_changes = self._ids, {}, False
        self.woken.clear()
        return None if ids is None else list(ids)

    def end(self) -> None:
        """Wake whoever waits, for the last time."""
        self.ended = True
        self.woken.set()
