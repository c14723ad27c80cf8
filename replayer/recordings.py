"""Several cassettes as one sequence of exchanges, in the order in which they were given."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from cassettes.model import Exchange, Request
from cassettes.reader import Cassette


class Recordings:
    """The exchanges of open cassettes, numbered through from 0; reading one can raise CassetteError."""

    def __init__(self, cassettes: Sequence[Cassette]) -> None:
        self._cassettes = cassettes
        self._ends = list(accumulate(len(cassette) for cassette in cassettes))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def requests(self) -> Iterator[tuple[str, str, bytes]]:
        """Method, url and body of every request, in order."""
        for cassette in self._cassettes:
            yield from cassette.requests()

    def request(self, number: int) -> Request:
        """The request of an exchange."""
        cassette, own = self._locate(number)
        return cassette.request(own)

    def exchange(self, number: int) -> Exchange:
        """An exchange, whole."""
        cassette, own = self._locate(number)
        return cassette.exchange(own)

    def place(self, number: int) -> tuple[Path, int]:
        """The cassette that an exchange is in, and its number there."""
        cassette, own = self._locate(number)
        return cassette.path, own

    def _locate(self, number: int) -> tuple[Cassette, int]:
        which = bisect_right(self._ends, number)
        return self._cassettes[which], number - (self._ends[which - 1] if which else 0)
