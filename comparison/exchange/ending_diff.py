"""How two exchanges ended, and whether what ended early can be compared at all."""

from __future__ import annotations

from collections.abc import Iterator

from cassettes import model
from comparison.exchange.exchange_pair import ExchangePair
from comparison.result import Difference

LEFT_OPEN = frozenset({"client-closed", "unfinished"})
"""Nobody knows how these would have ended: the client, or the recorder, went away."""

MEANINGS = {
    "complete": "it ended as it should",
    "server-closed": "the server closed it early",
    "reset": "the connection was reset",
    "error": "it broke",
}


def is_open(exchange: model.Exchange) -> bool:
    """Whether an exchange was left before its end."""
    return exchange.end.how in LEFT_OPEN


def is_other_ending(pair: ExchangePair) -> bool:
    """Whether both ended, and in two ways."""
    return not (is_open(pair.recorded) or is_open(pair.live)) and pair.recorded.end.how != pair.live.end.how


def ending_differences(pair: ExchangePair, lost: str = "") -> Iterator[Difference]:
    """When they ended in two ways; `lost` says what else is missing for that."""
    if is_other_ending(pair):
        recorded, live = pair.recorded.end, pair.live.end
        why = MEANINGS[live.how] + (f", {lost}" if lost else "")
        yield pair.difference("ending", "changed", end_text(recorded), end_text(live), why)


def end_text(end: model.End) -> str:
    """How an exchange ended, in the words of the cassette."""
    return f"{end.how}: {end.message}" if end.message else end.how
