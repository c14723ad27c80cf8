"""Follows the tokens of one conversation: what the live chatbot issues where the recorded one issued something else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from cassettes import model
from cassettes.tokens.discovery import is_token_like
from cassettes.tokens.places import TokenPlace, issued

type Where = tuple[str, str]
type Choice = Callable[[Iterable[str]], list[str]]

URL = ("http://", "https://", "/")


class LearnedTokens:
    """The live value of each of these recorded `values`, as far as the live chatbot issued one."""

    def __init__(self, values: frozenset[str]) -> None:
        self._values = values
        self._live: dict[str, str] = {}
        self._where: dict[str, Where] = {}

    @property
    def wanted(self) -> bool:
        """Whether there are any to follow."""
        return bool(self._values)

    def __contains__(self, recorded: str) -> bool:
        return recorded in self._live

    def live(self, recorded: str) -> str:
        """The live value of a recorded one; itself where there is none."""
        return self._live.get(recorded, recorded)

    def learn(self, recorded: model.Exchange, live: model.Exchange) -> None:
        """Take what the one answer issues in the places where the other does.

        A value is renewed only from the place that told it first: lists name the tokens of others, in any order.
        """
        ours, theirs = by_place(issued(recorded)), by_place(issued(live))
        for where, value, new in [*pairs(ours, theirs, whole), *pairs(ours, theirs, parts)]:
            if value in self._values and self._where.setdefault(value, where) == where:
                self._live[value] = new


def pairs(
    ours: dict[Where, list[str]], theirs: dict[Where, list[str]], choose: Choice
) -> Iterator[tuple[Where, str, str]]:
    """The values of both sides that stand in the same places, in their order there."""
    for where, values in ours.items():
        new = choose(theirs.get(where, ()))
        yield from ((where, *pair) for pair in zip(choose(values), new, strict=False))


def whole(values: Iterable[str]) -> list[str]:
    """The values of a place, when none of them is a url."""
    found = list(values)
    return [] if any(value.startswith(URL) for value in found) else found


def parts(values: Iterable[str]) -> list[str]:
    """The parts of a place's urls that can tell one client from another."""
    found = list(values)
    return [value for value in found if is_token_like(value)] if not whole(found) else []


def by_place(places: Iterable[TokenPlace]) -> dict[Where, list[str]]:
    """The different values of each place, in their order: a stream issues the same ones with each event."""
    found: dict[Where, dict[str, None]] = {}
    for place in places:
        found.setdefault((place.kind, place.name), {})[place.value] = None
    return {where: list(values) for where, values in found.items()}
