"""Renders a recorded exchange for one client: as a schedule that faults can change, or as bytes ready to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cachetools import LRUCache

from cassettes.model import Exchange
from foundation.clock import Clock
from replayer.exchange_number import ReplayExchange
from replayer.http1.encoder import Client, Script, script
from replayer.http1.request_parser import Incoming
from replayer.matching.fresh_values import FreshValue
from replayer.rendering.echoes import with_echoes
from replayer.rendering.own_address import with_own_address
from replayer.rendering.own_cookies import ClientAddress
from replayer.rendering.own_tokens import with_own_tokens
from replayer.schedule.actions import Schedule
from replayer.schedule.from_exchange import schedule_of
from replayer.schedule.pace import Pace
from replayer.selection.client_sessions import ClientSession, ClientSessions
from replayer.selection.recordings import Recordings

SCRIPTS_KEPT = 16 << 20
"""Bytes of all scripts that are kept at hand; the one that was not used for longest goes first."""


class ScriptKey(NamedTuple):
    """Everything that a script without a client's own tokens depends on, the pace apart."""

    exchange: ReplayExchange
    client: Client
    origin: str


class Renderer:
    """Renders exchanges of `recordings` with the tokens of client sessions, at a pace that can be changed.

    It keeps scripts that are the same for all clients, `kept` bytes of them together.
    """

    def __init__(
        self,
        recordings: Recordings,
        sessions: ClientSessions,
        pace: Pace,
        clock: Clock,
        kept: int = SCRIPTS_KEPT,
    ) -> None:
        self._recordings = recordings
        self._sessions = sessions
        self._clock = clock
        self._scripts: LRUCache[ScriptKey, Script] = LRUCache(kept, getsizeof=lambda one: one.size)
        self._pace = pace

    @property
    def pace(self) -> Pace:
        """How time passes in what is rendered from now on."""
        return self._pace

    @pace.setter
    def pace(self, pace: Pace) -> None:
        self._pace = pace
        self._scripts.clear()  # they have the old pace's times

    def script(
        self,
        number: ReplayExchange,
        session: ClientSession,
        incoming: Incoming,
        fresh: Sequence[FreshValue] = (),
    ) -> Script:
        """The bytes and times of the recorded response, as the client of `incoming` gets them without faults.

        `fresh` are the values that it has to find in the response as it sent them.
        """
        key = ScriptKey(number, incoming.client, incoming.origin)
        kept = None if fresh else self._scripts.get(key)
        if kept is not None:
            return kept
        own, common = self._own(number, session, key.origin, fresh)
        rendered = script(self._pace.apply(schedule_of(own)), incoming.request.method, incoming.client)
        if common and rendered.size <= self._scripts.maxsize:
            self._scripts[key] = rendered
        return rendered

    def schedule(
        self,
        number: ReplayExchange,
        session: ClientSession,
        incoming: Incoming,
        fresh: Sequence[FreshValue] = (),
    ) -> Schedule:
        """The actions of the recorded response at the current pace, before faults and before they are encoded."""
        own, _ = self._own(number, session, incoming.origin, fresh)
        return self._pace.apply(schedule_of(own))

    def _own(
        self, number: ReplayExchange, session: ClientSession, origin: str, fresh: Sequence[FreshValue]
    ) -> tuple[Exchange, bool]:
        """The exchange with the session's tokens and the client's address, and whether all clients get the same."""
        replaced: list[str] = []

        def token(recorded: str) -> str:
            replaced.append(recorded)
            return self._sessions.token(session, recorded)

        recordings = self._recordings
        finder = recordings.finder(recordings.session_of(number))
        tokens_replaced = with_own_tokens(recordings.exchange(number), finder, token)
        address = ClientAddress(origin, self._clock.wall(), recordings.recorded_at(number))
        own = with_own_address(tokens_replaced, address)
        common = own is tokens_replaced and not replaced and not fresh
        return with_echoes(own, fresh) if fresh else own, common
