"""Finds recorded requests: those that match a request, and those to compare with a miss.

Requests are looked up by their fingerprint, so neither their urls nor their bodies are kept. Two arrays tell, for each
different request, its first exchange and a digest of its path. For the requests GET /a, GET /b, GET /a, POST /b:

    fingerprint -> exchanges    GET /a: [0, 2]    GET /b: 1    POST /b: 3
    first exchanges             0          1          3
    digests of paths            of /a      of /b      of /b

A miss of PUT /b is compared with exchanges 1 and 3, which have its path, and then with others.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from cassettes.model import Request
from foundation.digests import digest
from foundation.http.headers import Headers
from replayer.exchange_number import ReplayExchange
from replayer.matching.matcher import EVERYTHING, Match, comparable_path

MOST_CANDIDATES = 64
"""Recorded requests that a miss is compared with, at most."""


class MatchIndex:
    """Maps the fingerprints of requests to the exchanges that have such a request, in their order.

    It needs about 150 bytes for each different request. `match` says what is compared.
    """

    def __init__(
        self, requests: Iterable[tuple[str, str, Headers, bytes]] = (), match: Match = EVERYTHING
    ) -> None:
        self.match = match
        # Mostly a request occurs once, and a number needs less memory than a list.
        self._exchanges: dict[bytes, ReplayExchange | list[ReplayExchange]] = {}
        self._firsts = array("Q")  # the first exchange of each different request
        self._paths = array("Q")  # the digest of its path
        self._count = 0
        for request in requests:
            self.add(*request)

    def add(self, method: str, url: str, headers: Headers, body: bytes) -> None:
        """Add the request of the next exchange."""
        number, key = ReplayExchange(self._count), self.match.fingerprint(method, url, headers, body)
        self._count += 1
        known = self._exchanges.setdefault(key, number)
        if isinstance(known, list):
            known.append(number)
        elif known != number:
            self._exchanges[key] = [known, number]
        else:
            self._firsts.append(number)
            self._paths.append(digest(comparable_path(url)))

    def key(self, request: Request) -> bytes:
        """Return the fingerprint of a request."""
        return self.match.fingerprint(request.method, request.url, request.headers, request.body)

    def find(self, key: bytes) -> Sequence[ReplayExchange]:
        """Return the exchanges whose request has this fingerprint, in their order."""
        found = self._exchanges.get(key, ())
        return (found,) if isinstance(found, int) else found

    def candidates(self, url: str, near: Sequence[ReplayExchange] = ()) -> list[ReplayExchange]:
        """Return at most MOST_CANDIDATES different requests to compare a miss with.

        The order is: those in `near` with the same path, others with the same path, the rest of `near`, and then the
        requests that were recorded first.
        """
        wanted = digest(comparable_path(url))
        chosen = dict.fromkeys(number for number in near if self._path_of(number) == wanted)
        for number in (*self._of_path(wanted), *near, *map(ReplayExchange, self._firsts[:MOST_CANDIDATES])):
            if len(chosen) < MOST_CANDIDATES:
                chosen.setdefault(number)
        return list(chosen)[:MOST_CANDIDATES]

    def _path_of(self, number: ReplayExchange) -> int | None:
        """Return the digest of a request's path; None when an earlier exchange has the same request."""
        place = bisect_left(self._firsts, number)
        known = place < len(self._firsts) and self._firsts[place] == number
        return self._paths[place] if known else None

    def _of_path(self, wanted: int) -> Iterator[ReplayExchange]:
        """Yield the first MOST_CANDIDATES different requests whose path has this digest."""
        place = -1
        for _ in range(MOST_CANDIDATES):
            try:
                place = self._paths.index(wanted, place + 1)
            except ValueError:
                return
            yield ReplayExchange(self._firsts[place])
