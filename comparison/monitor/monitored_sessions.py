"""Tells the clients of live traffic apart while it passes, by the tokens that responses issued to them.

    0  POST /chat            response: Set-Cookie: sid=sess-1   a new session A, to which sess-1 belongs
    1  POST /chat            response: Set-Cookie: sid=sess-2   a new session B
    2  GET /me  sid=sess-1                                      session A

A token that was issued to two sessions belongs to neither. Memory is bounded: the session that was silent longest is
forgotten first, and of a long session its beginning.
"""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict
from itertools import count
from typing import NamedTuple

from cassettes import model
from cassettes.tokens.discovery import can_be_token
from cassettes.tokens.places import issued, sent


class SessionLimits(NamedTuple):
    """What is kept: sessions, exchanges of each session, and bytes of all exchanges."""

    sessions: int = 10_000
    exchanges: int = 200
    bytes: int = 64 << 20


LIMITS = SessionLimits()


class MonitoredSession:
    """One client's exchanges so far, in the order of their requests.

    `recorded` is the number of the recorded session with which it is compared. `issued` are the tokens that its
    responses issued, `size` the bytes of its exchanges.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.exchanges: list[model.Exchange] = []
        self.recorded: int | None = None
        self.issued: set[str] = set()
        self.size = 0


class MonitoredSessions:
    """The sessions of the traffic that passes, up to these limits."""

    def __init__(self, limits: SessionLimits = LIMITS) -> None:
        self._limits = limits
        self._sessions: OrderedDict[int, MonitoredSession] = OrderedDict()
        # By token; None for one that was issued to several sessions.
        self._owners: dict[str, MonitoredSession | None] = {}
        self._numbers = count()
        self._size = 0

    def add(self, exchange: model.Exchange) -> MonitoredSession:
        """Adds an exchange that has ended to its session; returns that."""
        session = self._known(exchange) or MonitoredSession(next(self._numbers))
        self._sessions[session.number] = session
        self._sessions.move_to_end(session.number)
        insort(session.exchanges, exchange, key=lambda one: one.number)
        for place in issued(exchange):
            if can_be_token(place):
                self._issue(place.value, session)
        self._count(session, exchange)
        self._forget_oldest(session, exchange)
        return session

    def _known(self, exchange: model.Exchange) -> MonitoredSession | None:
        owners = (self._owners.get(place.value) for place in sent(exchange.request))
        return next((owner for owner in owners if owner is not None), None)

    def _issue(self, value: str, session: MonitoredSession) -> None:
        if self._owners.setdefault(value, session) is not session:
            self._owners[value] = None
        session.issued.add(value)

    def _count(self, session: MonitoredSession, exchange: model.Exchange, sign: int = 1) -> None:
        session.size += sign * size(exchange)
        self._size += sign * size(exchange)

    def _forget_oldest(self, session: MonitoredSession, newest: model.Exchange) -> None:
        """Forget the first exchanges of a session, and the sessions that were silent longest, beyond the limits."""
        limits = self._limits
        while len(session.exchanges) > limits.exchanges or (
            session.size > limits.bytes and len(session.exchanges) > 1
        ):
            # An exchange that took long may come first, although it is the one that was just added.
            oldest = 1 if session.exchanges[0] is newest else 0
            self._count(session, session.exchanges.pop(oldest), -1)
        while len(self._sessions) > 1 and (
            self._size > limits.bytes or len(self._sessions) > limits.sessions
        ):
            self._forget(self._sessions.popitem(last=False)[1])

    def _forget(self, session: MonitoredSession) -> None:
        self._size -= session.size
        for value in session.issued:
            self._owners.pop(value, None)


def size(exchange: model.Exchange) -> int:
    """Returns the bytes of memory that an exchange takes, roughly: its bodies, and a constant for all else."""
    return 2000 + len(exchange.request.body) + sum(200 + len(chunk.data) for chunk in exchange.chunks)
