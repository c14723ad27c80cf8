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
from functools import lru_cache
from typing import Protocol, Self, cast

import msgspec

from cassettes.file.saved_index import SavedIndex, packed, unpacked
from cassettes.model import Request
from cassettes.tokens.places import LONGEST_KEPT, REQUESTS_KEPT
from foundation.code_version import code_version
from foundation.digests import digest
from foundation.http.headers import Headers
from replayer.exchange_number import ReplayExchange
from replayer.matching.matcher import EVERYTHING, Match, comparable_path

MOST_CANDIDATES = 64
"""Recorded requests that a miss is compared with, at most."""

FINGERPRINT = 16
"""Bytes of a fingerprint."""


def requests_section(match: Match) -> str:
    """The name of the section with SavedRequests: which requests match depends on the options and on the code."""
    code = code_version("cassettes", "foundation", "replayer.matching")
    options = msgspec.json.encode(match, order="deterministic").decode()
    return f"requests matched by {options}, by {code}"


class Fingerprints(Protocol):
    """Finds the exchanges of a fingerprint."""

    def find(self, key: bytes) -> Sequence[ReplayExchange]:
        """Return the exchanges in their order."""
        ...

    def items(self) -> Iterable[tuple[bytes, Sequence[ReplayExchange]]]:
        """Return each fingerprint with its exchanges."""
        ...


class GrowingFingerprints:
    """Fingerprints to which more are added. It needs about 150 bytes for each."""

    def __init__(self) -> None:
        # Mostly a request occurs once, and a number needs less memory than a list.
        self._exchanges: dict[bytes, ReplayExchange | list[ReplayExchange]] = {}

    def add(self, key: bytes, number: ReplayExchange) -> bool:
        """Add an exchange; returns whether its fingerprint is new."""
        known = self._exchanges.setdefault(key, number)
        if isinstance(known, list):
            known.append(number)
        elif known != number:
            self._exchanges[key] = [known, number]
        else:
            return True
        return False

    def find(self, key: bytes) -> Sequence[ReplayExchange]:
        """Return the exchanges of a fingerprint, in their order."""
        found = self._exchanges.get(key, ())
        return (found,) if isinstance(found, int) else found

    def items(self) -> Iterator[tuple[bytes, Sequence[ReplayExchange]]]:
        """Yield each fingerprint with its exchanges."""
        return ((key, self.find(key)) for key in self._exchanges)


class SavedRequests(msgspec.Struct, frozen=True, array_like=True):
    """The requests of a cassette for its saved index.

    `keys` has the fingerprints behind each other, sorted. Those of the n-th end at `ends[n]` in `exchanges`.
    """

    count: int
    keys: bytes
    ends: bytes
    exchanges: bytes
    firsts: bytes
    paths: bytes
    outlines: bytes


class SortedFingerprints:
    """Fingerprints from a saved index, in which they are found by bisection. It needs 24 bytes for each."""

    def __init__(self, saved: SavedRequests) -> None:
        self._keys = saved.keys
        self._ends, exchanges = unpacked("II", [saved.ends, saved.exchanges])
        self._exchanges = memoryview(exchanges)  # of which a slice is no copy

    def find(self, key: bytes) -> Sequence[ReplayExchange]:
        """Return the exchanges of a fingerprint, in their order."""
        place = bisect_left(range(len(self._ends)), key, key=self._key)
        known = place < len(self._ends) and self._key(place) == key
        return self._at(place) if known else ()

    def items(self) -> Iterator[tuple[bytes, Sequence[ReplayExchange]]]:
        """Yield each fingerprint with its exchanges."""
        return ((self._key(place), self._at(place)) for place in range(len(self._ends)))

    def _key(self, place: int) -> bytes:
        return self._keys[FINGERPRINT * place : FINGERPRINT * (place + 1)]

    def _at(self, place: int) -> Sequence[ReplayExchange]:
        begin = self._ends[place - 1] if place else 0
        return cast(Sequence[ReplayExchange], self._exchanges[begin : self._ends[place]])


class MatchIndex:
    """Maps the fingerprints of requests to the exchanges that have such a request, in their order.

    `match` says what is compared.
    """

    def __init__(
        self, requests: Iterable[tuple[str, str, Headers, bytes]] = (), match: Match = EVERYTHING
    ) -> None:
        self.match = match
        self._kept = lru_cache(REQUESTS_KEPT)(match.fingerprint)
        self._growing = GrowingFingerprints()
        self._fingerprints: Fingerprints = self._growing
        self._firsts = array("Q")  # the first exchange of each different request
        self._paths = array("Q")  # the digest of its path
        self._outlines = array("Q")  # the digest of its outline, where fresh values may differ
        self._count = 0
        for request in requests:
            self.add(*request)

    def add(self, method: str, url: str, headers: Headers, body: bytes) -> None:
        """Add the request of the next exchange."""
        number, content = ReplayExchange(self._count), self.match.content(headers, body)
        key = self.match.fingerprint_of(method, url, headers, content)
        self._count += 1
        if self._growing.add(key, number):
            self._firsts.append(number)
            self._paths.append(digest(comparable_path(url)))
            if self.match.fresh:
                self._outlines.append(self.match.outline(method, url, content))

    def __len__(self) -> int:
        return self._count

    def key(self, request: Request) -> bytes:
        """Return the fingerprint of a request; kept for requests that come again, such as polls."""
        find = self._kept if len(request.body) <= LONGEST_KEPT else self.match.fingerprint
        return find(request.method, request.url, request.headers, request.body)

    def find(self, key: bytes) -> Sequence[ReplayExchange]:
        """Return the exchanges whose request has this fingerprint, in their order."""
        return self._fingerprints.find(key)

    @classmethod
    def restored(cls, match: Match, saved: SavedIndex) -> Self | None:
        """The index of a cassette from its saved index; None when that lacks it. Nothing can be added to it."""
        found = saved.section(requests_section(match), SavedRequests)
        if found is None:
            return None
        index = cls(match=match)
        index._fingerprints = SortedFingerprints(found)
        index._count = found.count
        arrays = [found.firsts, found.paths, found.outlines]
        index._firsts, index._paths, index._outlines = unpacked("QQQ", arrays)
        return index

    def save(self) -> dict[str, SavedRequests]:
        """The section of a saved index with all of this, by its name."""
        exchanges, ends, keys = array("I"), array("I"), []
        for key, numbers in sorted(self._fingerprints.items()):
            keys.append(key)
            exchanges.extend(numbers)
            ends.append(len(exchanges))
        packed_arrays = packed([ends, exchanges, self._firsts, self._paths, self._outlines])
        return {requests_section(self.match): SavedRequests(self._count, b"".join(keys), *packed_arrays)}

    def candidates(self, url: str, near: Sequence[ReplayExchange] = ()) -> list[ReplayExchange]:
        """Return at most MOST_CANDIDATES different requests to compare a miss with.

        The order is: those in `near` with the same path, others with the same path, the rest of `near`, and then the
        requests that were recorded first.
        """
        wanted = digest(comparable_path(url))
        chosen = dict.fromkeys(number for number in near if self._path_of(number) == wanted)
        for number in (
            *self._with(self._paths, wanted),
            *near,
            *map(ReplayExchange, self._firsts[:MOST_CANDIDATES]),
        ):
            if len(chosen) < MOST_CANDIDATES:
                chosen.setdefault(number)
        return list(chosen)[:MOST_CANDIDATES]

    def alike(self, request: Request) -> list[ReplayExchange]:
        """Return at most MOST_CANDIDATES different requests that may differ from this one in fresh values only."""
        if not self._outlines:
            return []
        content = self.match.content(request.headers, request.body)
        wanted = self.match.outline(request.method, request.url, content)
        return list(self._with(self._outlines, wanted))

    def _path_of(self, number: ReplayExchange) -> int | None:
        """Return the digest of a request's path; None when an earlier exchange has the same request."""
        place = bisect_left(self._firsts, number)
        known = place < len(self._firsts) and self._firsts[place] == number
        return self._paths[place] if known else None

    def _with(self, digests: array[int], wanted: int) -> Iterator[ReplayExchange]:
        """Yield the first MOST_CANDIDATES different requests that have this digest of theirs."""
        place = -1
        for _ in range(MOST_CANDIDATES):
            try:
                place = digests.index(wanted, place + 1)
            except ValueError:
                return
            yield ReplayExchange(self._firsts[place])
