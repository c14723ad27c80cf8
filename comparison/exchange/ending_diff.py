"""Compares how two exchanges ended, and tells which of them ended too early to be compared."""

from __future__ import annotations

from collections.abc import Iterator

from cassettes import model
from cassettes.answers.protocol_end import LEFT_OPEN
from comparison.exchange.exchange_pair import ExchangePair
from comparison.result import Difference

MEANINGS = {
    "complete": "it ended as it should",
    "server-closed": "the server closed it early",
    "reset": "the connection was reset",
    "error": "it broke",
}


def is_open(exchange: model.Exchange) -> bool:
    """Tells whether the client or the recorder left an exchange before the chatbot ended it."""
    return exchange.end.how in LEFT_OPEN


def is_other_ending(pair: ExchangePair) -> bool:
    """Tells whether the chatbot ended both exchanges, and each in another way."""
    return not (is_open(pair.recorded) or is_open(pair.live)) and pair.recorded.end.how != pair.live.end.how


def ending_differences(pair: ExchangePair, lost: str = "") -> Iterator[Difference]:
    """Yields the difference that both ended in another way; `lost` says which events are missing because of it."""
    if is_other_ending(pair):
        recorded, live = pair.recorded.end, pair.live.end
        why = MEANINGS[live.how] + (f", {lost}" if lost else "")
        yield pair.difference("ending", "changed", end_text(recorded), end_text(live), why)


def end_text(end: model.End) -> str:
    """Returns how an exchange ended, in the words of the cassette."""
    return f"{end.how}: {end.message}" if end.message else end.how
