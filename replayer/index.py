"""Finds recorded requests: the same ones at once, by fingerprint, and those that are nearest to a miss."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

from replayer.matching import fingerprint, path_and_query

MOST_CANDIDATES = 64
"""Recorded requests that a miss is compared with."""


class MatchIndex:
    """Maps a fingerprint to the numbers of all exchanges whose request has it, in their order.

    It holds neither urls nor bodies: some 150 bytes for each different request.
    """

    def __init__(self, requests: Iterable[tuple[str, str, bytes]]) -> None:
        self._same: dict[bytes, int | list[int]] = {}  # one number is the common case, and smaller
        self._firsts = array("Q")  # the first exchange of each different request,
        self._paths = array("q")  # and the hash of its path
        for number, (method, url, body) in enumerate(requests):
            self._add(number, url, fingerprint(method, url, body))

    def _add(self, number: int, url: str, key: bytes) -> None:
        known = self._same.setdefault(key, number)
        if isinstance(known, list):
            known.append(number)
        elif known != number:
            self._same[key] = [known, number]
        else:
            self._firsts.append(number)
            self._paths.append(hash(path_and_query(url)[0]))

    def find(self, key: bytes) -> Sequence[int]:
        """The exchanges whose request has this fingerprint."""
        found = self._same.get(key, ())
        return (found,) if isinstance(found, int) else found

    def candidates(self, url: str) -> list[int]:
        """Some different requests to compare a miss with: those of its path first."""
        chosen = dict.fromkeys(self._of_path(url))
        for number in self._firsts[:MOST_CANDIDATES]:
            chosen.setdefault(number)
        return list(chosen)[:MOST_CANDIDATES]

    def _of_path(self, url: str) -> Iterator[int]:
        wanted, place = hash(path_and_query(url)[0]), -1
        for _ in range(MOST_CANDIDATES):
            try:
                place = self._paths.index(wanted, place + 1)
            except ValueError:
                return
            yield self._firsts[place]
