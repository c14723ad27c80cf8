"""Tells the clients of live traffic apart while it goes on, by the tokens that they were given.

What it remembers is bounded: a session that was silent for long is forgotten first, and of a long one its beginning.
"""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict
from itertools import count

from cassettes import model
from cassettes.tokens.discovery import can_be_token
from cassettes.tokens.places import issued, sent

MOST_SESSIONS = 10_000
MOST_EXCHANGES = 200
"""Of one session."""

MOST_BYTES = 64 << 20
"""Of all bodies together."""


class MonitoredSession:
    """One client's exchanges so far, in the order of their requests; `recorded` is the session that it is held to."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.exchanges: list[model.Exchange] = []
        self.recorded: int | None = None
        self.given: set[str] = set()
        self.size = 0


class MonitoredSessions:
    """The sessions that are going on."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[int, MonitoredSession] = OrderedDict()
        self._owners: dict[
            str, MonitoredSession | None
        ] = {}  # None: given to several, so it tells nobody apart
        self._numbers = count()
        self._size = 0

    def add(self, exchange: model.Exchange) -> MonitoredSession:
        """The session of an exchange that has ended, which has it now."""
        session = self._known(exchange) or MonitoredSession(next(self._numbers))
        self._sessions[session.number] = session
        self._sessions.move_to_end(session.number)
        insort(session.exchanges, exchange, key=lambda one: one.number)
        for place in issued(exchange):
            if can_be_token(place):
                self._give(place.value, session)
        self._grow(session, exchange)
        return session

    def _known(self, exchange: model.Exchange) -> MonitoredSession | None:
        owners = (self._owners.get(place.value) for place in sent(exchange.request))
        return next((owner for owner in owners if owner is not None), None)

    def _give(self, value: str, session: MonitoredSession) -> None:
        if self._owners.setdefault(value, session) is not session:
            self._owners[value] = None
        session.given.add(value)

    def _grow(self, session: MonitoredSession, newest: model.Exchange) -> None:
        session.size += size(newest)
        self._size += size(newest)
        while len(session.exchanges) > MOST_EXCHANGES or (
            session.size > MOST_BYTES and len(session.exchanges) > 1
        ):
            # What took long began before the others, and is what is asked for now.
            gone = size(session.exchanges.pop(session.exchanges[0] is newest))
            session.size -= gone
            self._size -= gone
        while len(self._sessions) > 1 and (self._size > MOST_BYTES or len(self._sessions) > MOST_SESSIONS):
            self._forget(self._sessions.popitem(last=False)[1])

    def _forget(self, session: MonitoredSession) -> None:
        self._size -= session.size
        for value in session.given:
            self._owners.pop(value, None)


def size(exchange: model.Exchange) -> int:
    """Bytes of the bodies, and something for the rest."""
    return 2000 + len(exchange.request.body) + sum(200 + len(chunk.data) for chunk in exchange.chunks)
