"""Texts of many rows, kept as bytes one behind the other: a short one costs little more than its characters."""

from __future__ import annotations

from array import array

AT_HAND = 4096
"""Latest texts that are not kept twice: recordings repeat a few of them."""


class Texts:
    """Keeps texts; each is known by a number, and one that repeats mostly by the same."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q")
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._ends)

    def keep(self, text: str) -> int:
        """The number of a text."""
        number = self._numbers.get(text)
        if number is None:
            if len(self._numbers) == AT_HAND:
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
        """Bytes that they take."""
        return len(self._bytes) + self._ends.itemsize * len(self._ends)
