"""Finds the sessions of a recording: the exchanges of one client's conversation, tied together by tokens.

What ties, the strongest first:

1. a cookie that one exchange issued and another sent;
2. any other token (see `cassettes/tokens/discovery.py`), unless it leads from one client's cookies to another's: then
   somebody asked for what is not his own;
3. a value that was issued again to requests that had not sent it, when all these are of one session by now.
   Else the server gives it everybody, and it says nothing about who is who.

For example, exchanges 0 to 4 of two clients:

    0  issues cookie a              3  sends cookie b, job j1 (issued to the other client)
    1  issues cookie b              4  sends cookie a, job j1
    2  sends cookie a, issues job j1

Cookie a ties 0, 2 and 4, cookie b ties 1 and 3. Job j1 leads from 2 to 3 as well, but both have cookies of their
own by then, so the two sessions stay apart.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple, Protocol, Self

import msgspec

from cassettes import model
from cassettes.file.saved_index import SavedIndex, packed, unpacked
from cassettes.tokens.discovery import can_be_token, pattern
from cassettes.tokens.places import TokenPlace, issued, sent_in
from cassettes.tokens.prefilter import can_carry
from foundation.code_version import code_version
from foundation.digests import Digest, digest
from foundation.http.headers import Headers


class ExchangeSource(Protocol):
    """A sequence of whole exchanges, such as a cassette."""

    def __len__(self) -> int:
        """How many exchanges there are."""
        ...

    def exchange(self, number: int) -> model.Exchange:
        """The exchange with this number, from 0."""
        ...


class SavedSessions(msgspec.Struct, frozen=True, array_like=True):
    """Sessions for a saved index, as arrays."""

    arrays: list[bytes]


def sessions_section() -> str:
    """The name of the section with SavedSessions."""
    return f"sessions, by {code_version('cassettes', 'foundation')}"


class Sessions:
    """The sessions of a recording, counted from 0 in the order of their first exchanges.

    `of` has the session of each exchange, `public` the digests of the values that are no client's own.
    """

    def __init__(self, leaders: Sequence[int], public: frozenset[Digest] = frozenset()) -> None:
        self.public = public
        self.of = array("I")
        sizes = array("I")
        for number, leader in enumerate(leaders):
            if leader == number:  # the first exchange of its session
                self.of.append(len(sizes))
                sizes.append(0)
            else:
                self.of.append(self.of[leader])
            sizes[self.of[number]] += 1
        self._begins = array("I", accumulate(sizes, initial=0))
        self._members = array("I", sorted(range(len(self.of)), key=self.of.__getitem__))

    @classmethod
    def restored(cls, saved: SavedIndex) -> Self | None:
        """The sessions in a saved index; None when it does not have them."""
        found = saved.section(sessions_section(), SavedSessions)
        if found is None:
            return None
        sessions = cls(())
        sessions.of, sessions._begins, sessions._members, public = unpacked("IIIQ", found.arrays)
        sessions.public = frozenset(map(Digest, public))
        return sessions

    def save(self) -> dict[str, SavedSessions]:
        """The section of a saved index with these sessions, by its name."""
        arrays = [self.of, self._begins, self._members, array("Q", sorted(self.public))]
        return {sessions_section(): SavedSessions(packed(arrays))}

    def __len__(self) -> int:
        return len(self._begins) - 1

    def exchanges(self, session: int) -> Sequence[int]:
        """The exchanges of a session, in their order."""
        return self._members[self._begins[session] : self._begins[session + 1]]

    def first(self, session: int) -> int:
        """The exchange that a session begins with."""
        return self._members[self._begins[session]]

    def size(self, session: int) -> int:
        """The number of exchanges of a session."""
        return self._begins[session + 1] - self._begins[session]


class RequestTokens:
    """The values in the requests of a recording that can be tokens, as digests; requests are added in their order.

    `lengths` has the lengths of these values in characters.
    """

    def __init__(self) -> None:
        self._seen = 0
        self._numbers = array("I")  # the requests that send any value
        self._ends = array("I")  # for each of them, where its values end in `_values`
        self._values = array("Q")
        self.lengths: set[int] = set()

    def add(self, url: str, headers: Headers, body: bytes) -> None:
        """Add the next request of the recording."""
        if can_carry(url, headers, body):
            found = {place.value for place in sent_in(url, headers, body) if can_be_token(place)}
            if found:
                self._values.extend(map(digest, found))
                self.lengths.update(map(len, found))
                self._numbers.append(self._seen)
                self._ends.append(len(self._values))
        self._seen += 1

    def all(self) -> frozenset[Digest]:
        """The digests of the values that any request sends."""
        return frozenset(map(Digest, self._values))

    def sent(self, number: int) -> frozenset[Digest]:
        """The digests of the values that one request sends."""
        place = bisect_left(self._numbers, number)
        if place == len(self._numbers) or self._numbers[place] != number:
            return frozenset()
        begin = self._ends[place - 1] if place else 0
        return frozenset(map(Digest, self._values[begin : self._ends[place]]))


class FirstIssue(NamedTuple):
    """The exchange that issued a value first, the digest of the place in it, and whether that was a cookie."""

    exchange: int
    place: Digest
    is_cookie: bool


class TokenTrail:
    """Follows values through the exchanges of a recording, in their order. Values are kept as digests.

    For each value `issues` has its first issue, `senders` the exchanges that sent it after that, and `again` the
    exchanges that issued it in the same place to a request that had not sent it. `echoed` holds the values that a
    client had sent before they were issued.
    """

    def __init__(self, wanted: frozenset[Digest], lengths: Container[int]) -> None:
        self._wanted = wanted
        self._lengths = lengths  # of the wanted values: most others need no digest to be told apart
        self._own: set[Digest] = set()
        self.issues: dict[Digest, FirstIssue] = {}
        self.senders: dict[Digest, list[int]] = defaultdict(list)
        self.again: dict[Digest, list[int]] = defaultdict(list)
        self.echoed: set[Digest] = set()

    def follow(self, number: int, exchange: model.Exchange, known: frozenset[Digest]) -> None:
        """Take the next exchange; `known` has the digests of what its request sends."""
        for value in known:
            if value in self.issues:
                self.senders[value].append(number)
            else:
                self._own.add(value)
        for place in issued(exchange):
            if len(place.value) in self._lengths and digest(place.value) in self._wanted:
                self._issue(number, place, known)

    def _issue(self, number: int, place: TokenPlace, known: frozenset[Digest]) -> None:
        value, is_cookie = digest(place.value), place.kind == "cookie"
        if value in self._own and not is_cookie:
            self.echoed.add(value)
            return
        where = digest(f"{place.kind} {pattern(place)}")
        first = self.issues.setdefault(value, FirstIssue(number, where, is_cookie))
        if first.place == where and first.exchange != number and value not in known:
            self.again[value].append(number)


class ExchangeSets:
    """Disjoint sets of exchanges that can be united (union-find with path halving); its first leads each set."""

    def __init__(self, count: int) -> None:
        self._leaders = array("I", range(count))
        self._with_cookies: set[int] = set()  # the leaders of the sets that cookies tie together

    def leader(self, number: int) -> int:
        """The leader of an exchange's set."""
        leaders = self._leaders
        while leaders[number] != number:
            leaders[number] = leaders[leaders[number]]
            number = leaders[number]
        return number

    def are_one(self, numbers: Iterable[int]) -> bool:
        """Whether all of these exchanges are in one set."""
        return len({self.leader(number) for number in numbers}) == 1

    def unite(self, one: int, other: int, *, by_cookie: bool) -> None:
        """Unite the sets of two exchanges, unless both have cookies of their own and no cookie ties the two."""
        one, other = sorted((self.leader(one), self.leader(other)))
        with_cookies = {one, other} & self._with_cookies
        if by_cookie or len(with_cookies) < 2:
            self._leaders[other] = one
            if by_cookie or with_cookies:
                self._with_cookies.add(one)

    def leaders(self) -> list[int]:
        """The leader of each exchange."""
        return [self.leader(number) for number in range(len(self._leaders))]


def find_sessions(source: ExchangeSource, request_tokens: RequestTokens) -> Sessions:
    """The sessions of a recording, all of whose requests were added to `request_tokens`.

    The exchanges are read only when a request sends what can be a token.
    """
    wanted = request_tokens.all()
    if not wanted:
        return Sessions(range(len(source)))
    trail = TokenTrail(wanted, request_tokens.lengths)
    for number in range(len(source)):
        trail.follow(number, source.exchange(number), request_tokens.sent(number))
    return tied(len(source), trail)


def tied(count: int, trail: TokenTrail) -> Sessions:
    """The sessions of a recording of `count` exchanges, from the values that were followed through it."""
    sets = ExchangeSets(count)
    public = set(trail.echoed - trail.issues.keys())
    for value in sorted(
        trail.senders, key=lambda value: (value in trail.again, not trail.issues[value].is_cookie)
    ):
        issue = trail.issues[value]
        if sets.are_one([issue.exchange, *trail.again.get(value, ())]):
            for sender in trail.senders[value]:
                sets.unite(issue.exchange, sender, by_cookie=issue.is_cookie)
        else:
            public.add(value)
    return Sessions(sets.leaders(), frozenset(public))
