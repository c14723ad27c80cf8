"""Keeps what was encoded, up to a number of bytes; what was not used for longest goes first."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from replayer.framing import Script


class ScriptCache:
    """Scripts by any key, `capacity` bytes of them together. One that alone is larger is not kept."""

    def __init__(self, capacity: int = 16 << 20) -> None:
        self.capacity = capacity
        self.size = 0
        self._scripts: dict[Hashable, tuple[Script, int]] = {}  # in the order of their last use

    def get(self, key: Hashable, make: Callable[[], Script]) -> Script:
        """The script of the key, made when it is not at hand."""
        kept = self._scripts.pop(key, None)
        if kept is None:
            script = make()
            kept = script, script.size
            self._make_room(kept[1])
        if kept[1] <= self.capacity:
            self._scripts[key] = kept
        return kept[0]

    def _make_room(self, needed: int) -> None:
        if needed > self.capacity:
            return
        self.size += needed
        while self.size > self.capacity:
            self.size -= self._scripts.pop(next(iter(self._scripts)))[1]
