"""Finds recorded requests: those that match, by fingerprint, and those that are worth comparing with a miss."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from cassettes.model import Request
from foundation.digests import digest
from foundation.http.headers import Headers
from foundation.http.urls import path_and_query
from replayer.exchange_number import ReplayExchange
from replayer.matching.matcher import EVERYTHING, Match

MOST_CANDIDATES = 64
"""Recorded requests that a miss is compared with."""


class MatchIndex:
    """Maps the fingerprint of a request to the exchanges that have such a request, in their order.

    It holds neither urls nor bodies: some 150 bytes for each different request.
    """

    def __init__(
        self, requests: Iterable[tuple[str, str, Headers, bytes]] = (), match: Match = EVERYTHING
    ) -> None:
        self.match = match
        self._same: dict[
            bytes, ReplayExchange | list[ReplayExchange]
        ] = {}  # one is the common case, and smaller
        self._firsts = array("Q")  # the first exchange of each different request,
        self._paths = array("Q")  # and the digest of its path
        self._count = 0
        for request in requests:
            self.add(*request)

    def add(self, method: str, url: str, headers: Headers, body: bytes) -> None:
        """Add the request of the next exchange."""
        number, key = ReplayExchange(self._count), self.match.fingerprint(method, url, headers, body)
        self._count += 1
        known = self._same.setdefault(key, number)
        if isinstance(known, list):
            known.append(number)
        elif known != number:
            self._same[key] = [known, number]
        else:
            self._firsts.append(number)
            self._paths.append(digest(path_and_query(url)[0]))

    def key(self, request: Request) -> bytes:
        """The fingerprint of a request."""
        return self.match.fingerprint(request.method, request.url, request.headers, request.body)

    def find(self, key: bytes) -> Sequence[ReplayExchange]:
        """The exchanges whose request has this fingerprint."""
        found = self._same.get(key, ())
        return (found,) if isinstance(found, int) else found

    def candidates(self, url: str, near: Sequence[ReplayExchange] = ()) -> list[ReplayExchange]:
        """At most MOST_CANDIDATES different requests to compare a miss with.

        Those of the same path come first, and of these the ones in `near`; then `near`, then what was recorded first.
        """
        wanted = digest(path_and_query(url)[0])
        chosen = dict.fromkeys(number for number in near if self._path_of(number) == wanted)
        for number in (*self._of_path(wanted), *near, *map(ReplayExchange, self._firsts[:MOST_CANDIDATES])):
            if len(chosen) < MOST_CANDIDATES:
                chosen.setdefault(number)
        return list(chosen)[:MOST_CANDIDATES]

    def _path_of(self, number: ReplayExchange) -> int | None:
        """The digest of the path of a request, None when an earlier request is the same."""
        place = bisect_left(self._firsts, number)
        known = place < len(self._firsts) and self._firsts[place] == number
        return self._paths[place] if known else None

    def _of_path(self, wanted: int) -> Iterator[ReplayExchange]:
        """The first MOST_CANDIDATES different requests whose path has this digest."""
        place = -1
        for _ in range(MOST_CANDIDATES):
            try:
                place = self._paths.index(wanted, place + 1)
            except ValueError:
                return
            yield ReplayExchange(self._firsts[place])
