"""Which exchanges of a cassette have a text, as far as the indexing process has searched."""

from __future__ import annotations

from collections.abc import Iterable


class FoundText:
    """The exchanges that were found, of the first `searched` ones that were looked through."""

    def __init__(self) -> None:
        self.searched = 0
        self._flags = bytearray()

    def add(self, numbers: Iterable[int], searched: int) -> None:
        """Add exchanges in which the text is, and set how many are searched."""
        self.searched = searched
        for number in numbers:
            if number >= len(self._flags):
                self._flags += bytes(number + 1 - len(self._flags))
            self._flags[number] = 1

    def __contains__(self, number: int) -> bool:
        return number < len(self._flags) and self._flags[number] == 1
