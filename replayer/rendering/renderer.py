"""Renders a recorded exchange for one client: as a schedule that faults can change, or as bytes ready to be sent."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from cachetools import LRUCache

from cassettes.model import Exchange
from cassettes.views.rest_of_stream import rest_of_stream
from foundation.clock import Clock
from foundation.http.headers import Headers, values
from replayer.exchange_number import ReplayExchange
from replayer.http1.encoder import Client, Script, script
from replayer.http1.incoming import Incoming
from replayer.matching.fresh_values import FreshValue
from replayer.rendering.echoes import with_echoes
from replayer.rendering.own_address import with_own_address
from replayer.rendering.own_cookies import ClientAddress
from replayer.rendering.own_tokens import with_own_tokens
from replayer.rendering.template import Template
from replayer.schedule.actions import Schedule
from replayer.schedule.from_exchange import schedule_of
from replayer.schedule.pace import Pace
from replayer.selection.client_sessions import ClientSession, ClientSessions
from replayer.selection.recordings import Recordings

TEMPLATES_KEPT = 16 << 20
"""Bytes of all templates that are kept at hand; the one that was not used for longest goes first."""

MOST_SEEN = 16_384
"""Keys that came once and are remembered as such; when there are more, all are forgotten."""


class TemplateKey(NamedTuple):
    """What a template depends on, beside the pace: the exchange, how it is asked for, by whom and where."""

    exchange: ReplayExchange
    method: str
    client: Client
    origin: str


class KeptTemplate(NamedTuple):
    """A template; `template` is None for an exchange that has to be rendered anew for each client.

    Where cookies expire, it holds while as many whole seconds have passed since the recording: `age`, else None.
    """

    template: Template | None
    recorded: dt.datetime
    age: int | None

    @property
    def size(self) -> int:
        """Bytes of memory that it needs, approximately."""
        return 300 if self.template is None else self.template.size


class OwnResponse(NamedTuple):
    """What is one client's own in a response, beside its tokens: `fresh` values, which it finds there as it sent them.

    `after` is the id of the event after which its event stream goes on, empty for all of it.
    """

    fresh: tuple[FreshValue, ...] = ()
    after: str = ""


WHOLE = OwnResponse()
"""A response without anything of its client's own."""


class Renderer:
    """Renders exchanges of `recordings` with the tokens of client sessions, at a pace that can be changed.

    A response depends on the exchange, the method, the kind of client, the origin that it asks, the pace, the age of
    the recording where cookies expire, and the client's own tokens. From the second time on, all but the tokens is kept
    as a template, `kept` bytes of them together, if filling it gives what rendering gave.
    """

    def __init__(
        self,
        recordings: Recordings,
        sessions: ClientSessions,
        pace: Pace,
        clock: Clock,
        kept: int = TEMPLATES_KEPT,
    ) -> None:
        self._recordings = recordings
        self._sessions = sessions
        self._clock = clock
        self._kept: LRUCache[TemplateKey, KeptTemplate] = LRUCache(kept, getsizeof=lambda one: one.size)
        self._seen: set[TemplateKey] = set()
        self._pace = pace

    @property
    def pace(self) -> Pace:
        """How time passes in what is rendered from now on."""
        return self._pace

    @pace.setter
    def pace(self, pace: Pace) -> None:
        self._pace = pace
        self._kept.clear()  # they have the old pace's times

    def script(
        self,
        number: ReplayExchange,
        session: ClientSession,
        incoming: Incoming,
        own: OwnResponse = WHOLE,
    ) -> Script:
        """The bytes and times of the recorded response, as the client of `incoming` gets them without faults."""
        if own is not WHOLE:  # it is never the same again
            return script(
                self.schedule(number, session, incoming, own), incoming.request.method, incoming.client
            )
        key = TemplateKey(number, incoming.request.method, incoming.client, incoming.origin)
        kept = self._kept.get(key)
        if kept is not None and kept.age in {None, age_of(kept.recorded, self._clock.wall())}:
            if kept.template is not None:
                return kept.template.fill(lambda recorded: self._sessions.token(session, recorded))
            return self._encoded(self._own(number, session, key.origin), key)
        rendered = self._encoded(self._own(number, session, key.origin), key)
        if kept is not None or self._came_before(key):
            self._keep(key, session, rendered)
        return rendered

    def _encoded(self, exchange: Exchange, key: TemplateKey) -> Script:
        return script(self._pace.apply(schedule_of(exchange)), key.method, key.client)

    def _came_before(self, key: TemplateKey) -> bool:
        """Whether this is wanted again: a recording that is played once needs no templates."""
        if key in self._seen:
            return True
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen.add(key)
        return False

    def _keep(self, key: TemplateKey, session: ClientSession, rendered: Script) -> None:
        """Keep the template of what was rendered for a session."""
        recordings, asked = self._recordings, list[str]()
        recorded, finder = (
            recordings.exchange(key.exchange),
            recordings.finder(recordings.session_of(key.exchange)),
        )

        def same(token: str) -> str:
            asked.append(token)
            return token

        with_own_tokens(recorded, finder, same)
        address = self._address(key.exchange, key.origin)
        template = Template(self._encoded(with_own_address(recorded, address), key), finder)
        fits = (
            asked == [gap.recorded for gap in template.gaps]
            and template.fill(lambda token: session.live.get(token, token)) == rendered
        )
        cookies = values(response_headers(recorded), "set-cookie")
        age = (
            age_of(address.recorded, address.now)
            if any("expires" in one.lower() for one in cookies)
            else None
        )
        kept = KeptTemplate(template if fits else None, address.recorded, age)
        if kept.size <= self._kept.maxsize:
            self._kept[key] = kept

    def schedule(
        self,
        number: ReplayExchange,
        session: ClientSession,
        incoming: Incoming,
        own: OwnResponse = WHOLE,
    ) -> Schedule:
        """The actions of the recorded response at the current pace, before faults and before they are encoded."""
        exchange = self._own(number, session, incoming.origin, own.after)
        return self._pace.apply(schedule_of(with_echoes(exchange, own.fresh) if own.fresh else exchange))

    def _own(self, number: ReplayExchange, session: ClientSession, origin: str, after: str = "") -> Exchange:
        """The exchange, or what it has `after` an event, with the session's tokens and the client's address."""
        recordings = self._recordings
        finder = recordings.finder(recordings.session_of(number))
        recorded = recordings.exchange(number)
        if after:
            recorded = rest_of_stream(recorded, after) or recorded
        own = with_own_tokens(recorded, finder, lambda recorded: self._sessions.token(session, recorded))
        return with_own_address(own, self._address(number, origin))

    def _address(self, number: ReplayExchange, origin: str) -> ClientAddress:
        return ClientAddress(origin, self._clock.wall(), self._recordings.recorded_at(number))


def age_of(recorded: dt.datetime, now: dt.datetime) -> int:
    """How many whole seconds ago something was recorded: the expiry of its cookies moves by as much."""
    return (now - recorded) // dt.timedelta(seconds=1)


def response_headers(exchange: Exchange) -> Headers:
    """The headers of a response; none without one."""
    return () if exchange.response is None else exchange.response.headers
