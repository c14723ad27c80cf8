"""Finds the sessions of a recording: the exchanges of one client's conversation, tied together by tokens.

A token is a value that the server issued and that the client later sent back. It is found by following values,
not by name. What can be one:

- a value of 6 to 4096 printable ASCII characters with a digit in it and, unless it is all digits, a letter; or
  of 16 and more that is no run of plain words. So `50`, `true`, `running` or `generating_response` are none;
- no date, no version number, no url as a whole (its parts can be);
- not one that the server gives everybody: a value that two answers issued in the same place, to clients that had
  not sent it, says nothing about who is who.

A cookie that is set anew on every response is one token with many values.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

import msgspec

from cassettes import model
from cassettes.places import Place, issued, sent

TOKEN = re.compile(
    r"""
    (?! \d{4}-\d\d-\d\d )                   # no date,
    (?! \d{1,3} (\.\d{1,5})+ (?![\w-]) )    # no version or address,
    (?! [a-z]+:// | / )                     # no url and no path,
    (?: \d{6,20}                            # but a long number,
      | (?= .*\d ) (?= .*[A-Za-z] ) [!-~]{6,4096}
      | (?! [A-Za-z][a-z]* ([ _.-] [A-Za-z][a-z]*)* \Z ) [!-~]{16,4096}
    )
    """,
    re.VERBOSE,
)


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token of a session: where the server issued it, its values in their order, and where it was sent.

    `issued` and `sent` read "cookie session_id", "body /job_id", "path 2".
    """

    issued: str
    sent: tuple[str, ...]
    values: tuple[str, ...]


class Sessions:
    """The sessions of a recording, counted from 0 in the order of their first exchanges."""

    def __init__(self, leaders: Sequence[int]) -> None:
        numbers: dict[int, int] = {}
        self.exchanges: list[list[int]] = []
        self.of = array("I")
        for exchange, leader in enumerate(leaders):
            session = numbers.setdefault(leader, len(numbers))
            if session == len(self.exchanges):
                self.exchanges.append([])
            self.exchanges[session].append(exchange)
            self.of.append(session)


def is_token_like(value: str) -> bool:
    """Whether a value can be a token at all."""
    return TOKEN.fullmatch(value) is not None


def find_sessions(requests: Iterable[model.Request], exchanges: Iterable[model.Exchange]) -> Sessions:
    """The sessions of a recording, from all its requests and all its exchanges, both in order.

    The exchanges are read only when some request sends what can be a token.
    """
    leaders: list[int] = []
    wanted: set[int] = set()
    for number, request in enumerate(requests):
        leaders.append(number)
        wanted.update(hash(place.value) for place in sent(request) if is_token_like(place.value))
    if wanted:
        for one, other in links(exchanges, wanted):
            unite(leaders, one, other)
    return Sessions([find(leaders, number) for number in range(len(leaders))])


def links(exchanges: Iterable[model.Exchange], wanted: Container[int]) -> Iterator[tuple[int, int]]:
    """Pairs of exchanges of one session: one issued a value, the other sent it. Values are kept as hashes."""
    issuers: dict[int, tuple[int, int]] = {}  # of each value, the exchange that issued it last, and its place
    common: set[int] = set()
    found: list[tuple[int, int, int]] = []
    for number, exchange in enumerate(exchanges):
        known = {hash(place.value) for place in sent(exchange.request)}
        found += [(value, issuers[value][0], number) for value in known if value in issuers]
        for place in issued(exchange):
            value, where = hash(place.value), hash(place[:2])
            if value not in wanted or not is_token_like(place.value):
                continue
            before = issuers.get(value)
            if before is not None and value not in known and before[0] != number and before[1] == where:
                common.add(value)
            issuers[value] = number, where
    return ((issuer, sender) for value, issuer, sender in found if value not in common)


def find(leaders: list[int], number: int) -> int:
    """The leader of an exchange's set, the first exchange in it (union-find with path halving)."""
    while leaders[number] != number:
        leaders[number] = leaders[leaders[number]]
        number = leaders[number]
    return number


def unite(leaders: list[int], one: int, other: int) -> None:
    """Make two sets one."""
    one, other = sorted((find(leaders, one), find(leaders, other)))
    leaders[other] = one


def tokens(exchanges: Sequence[model.Exchange]) -> list[Token]:
    """The tokens of one session, from its exchanges in order.

    Values that were issued in the same place one after the other are one token, whichever of them came back.
    """
    back: dict[str, dict[str, None]] = {}  # each value that came back, and where to
    chains: dict[tuple[str, str], dict[str, None]] = {}
    for exchange in exchanges:
        for place in sent(exchange.request):
            if is_token_like(place.value):
                back.setdefault(place.value, {})[f"{place.kind} {place.name}"] = None
        for place in issued(exchange):
            if is_token_like(place.value):
                chains.setdefault((place.kind, pattern(place)), {})[place.value] = None
    return list(_tokens(chains, back))


def _tokens(
    chains: Mapping[tuple[str, str], Mapping[str, None]], back: Mapping[str, Mapping[str, None]]
) -> Iterator[Token]:
    told: set[str] = set()
    for (kind, name), values in chains.items():
        chain = [value for value in values if value in back and value not in told]
        if not chain:
            continue
        # A cookie is one token however often it changes; elsewhere each value stands for itself.
        for group in [list(values)] if kind == "cookie" else [[value] for value in chain]:
            told.update(group)
            places = dict.fromkeys(place for value in group for place in back.get(value, ()))
            yield Token(issued=f"{kind} {name}", sent=tuple(places), values=tuple(group))


def pattern(place: Place) -> str:
    """The name of a place, positions in lists left open: /sources/3/id is one of /sources/*/id."""
    return re.sub(r"/\d+(?=/|$)", "/*", place.name) if place.kind == "body" else place.name
