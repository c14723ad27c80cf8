"""Keeps what was encoded, up to a number of bytes; what was not used for longest goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from replayer.http1.encoder import Script


class ScriptCache:
    """Scripts by any key, `capacity` bytes of them together. One that alone is larger is not kept."""

    def __init__(self, capacity: int = 16 << 20) -> None:
        self.capacity = capacity
        self.size = 0
        self._scripts: OrderedDict[Hashable, tuple[Script, int]] = (
            OrderedDict()
        )  # in the order of their last use

    def find(self, key: Hashable) -> Script | None:
        """The script of the key, if it is at hand."""
        kept = self._scripts.get(key)
        if kept is None:
            return None
        self._scripts.move_to_end(key)
        return kept[0]

    def keep(self, key: Hashable, script: Script) -> None:
        """Keep the script of a key that has none yet."""
        size = script.size
        if size > self.capacity:
            return
        self._scripts[key] = script, size
        self.size += size
        while self.size > self.capacity:
            self.size -= self._scripts.popitem(last=False)[1][1]
