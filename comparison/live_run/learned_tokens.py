"""Learns the live values of a session's tokens: what the live chatbot issues in the place of each recorded one.

recorded response  {"job_id": "job_11", "poll": "/jobs/job_11?key=k_5"}
live response      {"job_id": "job_77", "poll": "/jobs/job_77?key=k_9"}

job_id: "job_11" is "job_77" from here on
poll:   of two urls, the parts that look like tokens are mapped in their order, "k_5" to "k_9"
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from cassettes import model
from cassettes.tokens.discovery import is_token_like
from cassettes.tokens.places import TokenPlace, issued

type Location = tuple[str, str]
"""The kind and name of a place in an exchange, see `cassettes.tokens.places`."""

type Choice = Callable[[Iterable[str]], list[str]]

URL_BEGINNINGS = ("http://", "https://", "/")


class LearnedTokens:
    """Maps these recorded `values` of tokens to live ones, as far as the live chatbot issued them."""

    def __init__(self, values: frozenset[str]) -> None:
        self._values = values
        self._live: dict[str, str] = {}
        self._location_of: dict[str, Location] = {}

    @property
    def wanted(self) -> bool:
        """Tells whether there are any tokens to learn."""
        return bool(self._values)

    def __contains__(self, recorded: str) -> bool:
        return recorded in self._live

    def live(self, recorded: str) -> str:
        """Returns the live value of a recorded one, or that itself when none was learned."""
        return self._live.get(recorded, recorded)

    def learn(self, recorded: model.Exchange, live: model.Exchange) -> None:
        """Learn from what both responses issue in the same places.

        A value is learned again only from the location that issued it first. In others, such as the list of all jobs of
        all clients, any token may be in its place.
        """
        recorded_values, live_values = by_location(issued(recorded)), by_location(issued(live))
        pairs = [
            *matched(recorded_values, live_values, plain_values),
            *matched(recorded_values, live_values, url_tokens),
        ]
        for location, value, new in pairs:
            if value in self._values and self._location_of.setdefault(value, location) == location:
                self._live[value] = new


def matched(
    recorded: dict[Location, list[str]], live: dict[Location, list[str]], choose: Choice
) -> Iterator[tuple[Location, str, str]]:
    """Yields each location with the recorded and the live value that are at the same place among those chosen of it."""
    for location, values in recorded.items():
        live_values = choose(live.get(location, ()))
        yield from ((location, *pair) for pair in zip(choose(values), live_values, strict=False))


def plain_values(values: Iterable[str]) -> list[str]:
    """Returns the values of a location, or none when any of them is a url."""
    found = list(values)
    return [] if any(value.startswith(URL_BEGINNINGS) for value in found) else found


def url_tokens(values: Iterable[str]) -> list[str]:
    """Returns the values of a location that has urls which look like tokens; none when it has no urls."""
    found = list(values)
    return [value for value in found if is_token_like(value)] if not plain_values(found) else []


def by_location(places: Iterable[TokenPlace]) -> dict[Location, list[str]]:
    """Returns the different values of each location in their order: each event of a stream may repeat them."""
    found: dict[Location, dict[str, None]] = {}
    for place in places:
        found.setdefault((place.kind, place.name), {})[place.value] = None
    return {location: list(values) for location, values in found.items()}
