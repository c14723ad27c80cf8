"""An index of where the records of each exchange lie in a file; the records themselves stay on the disk.

A record's *mark* is its place among all records of the file. The records of one exchange are a chain from the last to
the first, in which each names the mark of the one before it. For the lines

    mark           0            1            2          3
    line           request 0    request 1    chunk 0    end 0

`_previous` is [NONE, NONE, 0, 2], `_first` (by exchange) [0, 1] and `_last` [3, 1]: exchange 0 is 3, 2, 0 backwards.
All chains share three flat arrays, 16 bytes a record, and 16 bytes more an exchange.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Self

KINDS = "QIIIIQ"
"""The kinds of the arrays of an index, as of `OffsetIndex.arrays`."""

NONE = 0xFFFF_FFFF
"""The mark that stands for no record."""


class OffsetIndex:
    """Offsets and lengths of lines, chained by exchange; exchanges count from 0 in the order of requests."""

    def __init__(self) -> None:
        self._offset = array("Q")
        self._length = array("I")
        self._previous = array("I")
        self._first = array("I")
        self._last = array("I")
        self._size = array("Q")

    @classmethod
    def of(cls, arrays: Sequence[array[int]]) -> Self:
        """The index of the arrays that another one has."""
        index = cls()
        index._offset, index._length, index._previous, index._first, index._last, index._size = arrays
        return index

    @property
    def arrays(self) -> list[array[int]]:
        """All that the index is, of the kinds KINDS."""
        return [self._offset, self._length, self._previous, self._first, self._last, self._size]

    def __len__(self) -> int:
        return len(self._first)

    def begin(self, offset: int, length: int) -> int:
        """Add a new exchange with the line of its request, and return its number."""
        self._first.append(len(self._offset))
        self._last.append(NONE)
        self._size.append(0)
        number = len(self._first) - 1
        self.add(number, offset, length)
        return number

    def add(self, number: int, offset: int, length: int) -> None:
        """Add the next line of an exchange."""
        self._previous.append(self._last[number])
        self._last[number] = len(self._offset)
        self._size[number] += length
        self._offset.append(offset)
        self._length.append(length)

    def size(self, number: int) -> int:
        """The bytes of all lines of an exchange."""
        return self._size[number]

    def request(self, number: int) -> tuple[int, int]:
        """Offset and length of the request's line."""
        record = self._first[number]
        return self._offset[record], self._length[record]

    def lines(self, number: int) -> list[tuple[int, int]]:
        """Offset and length of every line of an exchange, in the order of the file."""
        return list(map(self.line, self._backwards(number)))[::-1]

    def marks(self, number: int, after: int = NONE) -> array[int]:
        """The marks of all lines of an exchange, or of those after the mark `after`, in the order of the file."""
        marks = array("I", takewhile(after.__ne__, self._backwards(number)))
        marks.reverse()
        return marks

    def last(self, number: int) -> int:
        """The mark of the latest line of an exchange."""
        return self._last[number]

    def line(self, mark: int) -> tuple[int, int]:
        """Offset and length of the line with this mark."""
        return self._offset[mark], self._length[mark]

    def _backwards(self, number: int) -> Iterator[int]:
        mark = self._last[number]
        while mark != NONE:
            yield mark
            mark = self._previous[mark]
