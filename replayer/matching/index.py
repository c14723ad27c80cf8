"""Finds recorded requests: the same ones at once, by fingerprint, and those that are nearest to a miss."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from cassettes.model import Request
from foundation.http.headers import Headers
from foundation.http.urls import path_and_query
from replayer.matching.matcher import EVERYTHING, Match

MOST_CANDIDATES = 64
"""Recorded requests that a miss is compared with."""


class MatchIndex:
    """Maps a fingerprint to the numbers of all exchanges whose request has it, in their order.

    It holds neither urls nor bodies: some 150 bytes for each different request.
    """

    def __init__(
        self, requests: Iterable[tuple[str, str, Headers, bytes]] = (), match: Match = EVERYTHING
    ) -> None:
        self.match = match
        self._same: dict[bytes, int | list[int]] = {}  # one number is the common case, and smaller
        self._firsts = array("Q")  # the first exchange of each different request,
        self._paths = array("q")  # and the hash of its path
        self._count = 0
        for request in requests:
            self.add(*request)

    def add(self, method: str, url: str, headers: Headers, body: bytes) -> None:
        """One more request."""
        number, key = self._count, self.match.fingerprint(method, url, headers, body)
        self._count += 1
        known = self._same.setdefault(key, number)
        if isinstance(known, list):
            known.append(number)
        elif known != number:
            self._same[key] = [known, number]
        else:
            self._firsts.append(number)
            self._paths.append(hash(path_and_query(url)[0]))

    def key(self, request: Request) -> bytes:
        """The fingerprint of a request."""
        return self.match.fingerprint(request.method, request.url, request.headers, request.body)

    def find(self, key: bytes) -> Sequence[int]:
        """The exchanges whose request has this fingerprint."""
        found = self._same.get(key, ())
        return (found,) if isinstance(found, int) else found

    def candidates(self, url: str, near: Sequence[int] = ()) -> list[int]:
        """Some different requests to compare a miss with: those of its path first, of them the `near` ones."""
        wanted = hash(path_and_query(url)[0])
        chosen = dict.fromkeys(number for number in near if self._path_of(number) == wanted)
        for number in (*self._of_path(wanted), *near, *self._firsts[:MOST_CANDIDATES]):
            if len(chosen) < MOST_CANDIDATES:
                chosen.setdefault(number)
        return list(chosen)[:MOST_CANDIDATES]

    def _path_of(self, number: int) -> int | None:
        """The hash of the path of a request, None when an earlier one is the same."""
        place = bisect_left(self._firsts, number)
        known = place < len(self._firsts) and self._firsts[place] == number
        return self._paths[place] if known else None

    def _of_path(self, wanted: int) -> Iterator[int]:
        place = -1
        for _ in range(MOST_CANDIDATES):
            try:
                place = self._paths.index(wanted, place + 1)
            except ValueError:
                return
            yield self._firsts[place]
