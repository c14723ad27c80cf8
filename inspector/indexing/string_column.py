"""A column of strings, kept as UTF-8 one behind the other: a short string costs little more than its characters."""

from __future__ import annotations

from array import array

RECENT = 4096
"""Strings that are known by their text, so that they are not kept twice: recordings repeat a few paths."""


class StringColumn:
    """Keeps strings, each under a number; a string that repeats mostly gets the number that it had.

    >>> paths = StringColumn()
    >>> [paths.keep(path) for path in ("/health", "/jobs/1", "/health")]
    [0, 1, 0]
    >>> paths[1]
    '/jobs/1'
    """

    def __init__(self, recent: int = RECENT) -> None:
        self._recent = recent
        self._bytes = bytearray()
        self._ends = array("Q")
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._ends)

    def keep(self, text: str) -> int:
        """Keep a string, and return its number."""
        number = self._numbers.get(text)
        if number is None:
            if len(self._numbers) == self._recent:
                self._numbers.clear()
            number = self._numbers[text] = len(self._ends)
            self._bytes += text.encode("utf-8", "surrogatepass")
            self._ends.append(len(self._bytes))
        return number

    def __getitem__(self, number: int) -> str:
        begin = self._ends[number - 1] if number else 0
        return self._bytes[begin : self._ends[number]].decode("utf-8", "surrogatepass")

    @property
    def size(self) -> int:
        """The memory that the strings take, in bytes."""
        return len(self._bytes) + self._ends.itemsize * len(self._ends)
