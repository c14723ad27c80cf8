"""Finds where a recorded event stream goes on for a client that reconnects with `Last-Event-ID` (WHATWG HTML 9.2).

A recorded request with the same `Last-Event-ID` wins: its response is what the recorded server sent. Else it is a
recorded stream with an event of this id, one that the client was given before others, and what comes after that event.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from cassettes.model import Exchange
from cassettes.views.rest_of_stream import rest_of_stream
from foundation.http.headers import Headers, first
from replayer.exchange_number import ReplayExchange
from replayer.selection.client_sessions import ClientSession
from replayer.selection.recordings import Recordings

LAST_EVENT_ID = "last-event-id"

MOST_STREAMS = 16
"""Recorded streams that are searched for an id."""

LONGEST = 1 << 20
"""Bytes of an exchange in its file up to which it is searched; a longer one takes too long on the event loop."""

type Resume = Literal["on", "204", "off"]
"""Whether a client that reconnects gets what it has not had; "204", and no content when nothing is left, which ends its
reconnecting."""


class Resumption(NamedTuple):
    """The exchange with which a client goes on: after the event `after`, or with all of it where that is empty.

    `is_over` says that nothing is left of it.
    """

    exchange: ReplayExchange
    after: str = ""
    is_over: bool = False


def last_event_id(headers: Headers) -> str:
    """The id of the last event that a client got; empty when it had none. Browsers send it as UTF-8."""
    return first(headers, LAST_EVENT_ID).encode("latin-1", "replace").decode("utf-8", "replace")


def resumption(
    recordings: Recordings,
    found: Sequence[ReplayExchange],
    session: ClientSession | None,
    last_id: str,
) -> Resumption | None:
    """Return how a client goes on that asks one of the exchanges `found` for what came after an id; None if unknown."""
    for number in found[:MOST_STREAMS]:
        if last_event_id(recordings.request(number).headers) == last_id:
            return Resumption(number)
    for number in by_last_given(found, session)[:MOST_STREAMS]:
        if recordings.size(number) <= LONGEST:
            rest = rest_of_stream(recordings.exchange(number), last_id)
            if rest is not None:
                return Resumption(number, last_id, is_over=is_over(rest))
    return None


def is_over(rest: Exchange) -> bool:
    """Whether a stream has no more bytes, and ended as it should."""
    return not rest.body.strip() and rest.end.how == "complete"


def by_last_given(found: Iterable[ReplayExchange], session: ClientSession | None) -> list[ReplayExchange]:
    """Return exchanges, those that a client was given before others, the latest of these first."""
    served = session.served if session is not None else {}
    return sorted(found, key=lambda number: -served.get(number, -1))
