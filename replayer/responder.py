"""Says what each request is answered with: match, session, schedule, script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from cassettes.model import Exchange, Request
from foundation.clock import SYSTEM, Clock
from foundation.errors import CassetteError, UsageError
from foundation.http.headers import first, values
from foundation.http.urls import path_and_query
from foundation.printable import one_line
from recorder.assembly import decode_whole
from replayer.faults.injection.active_plan import Hit
from replayer.faults.injection.injector import FaultInjector, Visit
from replayer.faults.injection.pipeline import apply
from replayer.faults.language.plan import FaultPlan
from replayer.forwarding.forwarder import Forwarder
from replayer.http1.encoder import Script, script
from replayer.http1.request_parser import Incoming
from replayer.journal import Journal, JournalEntry, Neighbour, Why
from replayer.listener.player import ResponseFactory
from replayer.matching.index import MatchIndex
from replayer.matching.matcher import EVERYTHING, Match
from replayer.rendering.own_address import ClientAddress, mend
from replayer.rendering.own_tokens import personal
from replayer.rendering.script_cache import ScriptCache
from replayer.schedule.actions import Schedule
from replayer.schedule.error_responses import report
from replayer.schedule.from_exchange import schedule_of
from replayer.schedule.pace import Pace
from replayer.selection.client_sessions import ClientSession, ClientSessions, Tokens
from replayer.selection.recordings import Recordings
from replayer.selection.selector import ExchangeSelector, Selection, SelectionRules

NEAREST = 3
"""Recorded requests that the report of a miss names."""

type LostSession = Literal["lenient", "401", "404"]


class ReplayOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a replay treats its clients.

    `match` says what of a request is compared; `seed` makes the minted tokens; `lost_session` is what becomes
    of a request that lost its session's cookies: it is answered all the same, or refused with 401 or 404,
    unless such a request was recorded. `plan` has the faults that hold from the start, and `fault_header` says
    whether a request may ask for faults of its own.
    """

    match: Match = EVERYTHING
    seed: int = 0
    tokens: Tokens = "minted"
    rules: SelectionRules = SelectionRules()
    lost_session: LostSession = "lenient"
    plan: FaultPlan = FaultPlan()
    fault_header: bool = False


class Responder:
    """Answers requests from recordings, others through the forwarder if there is one.

    `say` is given a line for whatever a person should know.
    """

    def __init__(
        self,
        recordings: Recordings,
        index: MatchIndex,
        pace: Pace,
        say: Callable[[str], None],
        manners: ReplayOptions = ReplayOptions(),  # noqa: B008 - immutable
        clock: Clock = SYSTEM,
        forwarder: Forwarder | None = None,
    ) -> None:
        self.recordings = recordings
        self.journal = Journal()
        self.sessions = ClientSessions(seed=manners.seed, tokens=manners.tokens)
        self._pace = pace
        self._say = say
        self._lost_session = manners.lost_session
        self._clock = clock
        self._forwarder = forwarder
        self.began = clock.now()
        self._index = index
        rules = msgspec.structs.replace(manners.rules, answer_lost=manners.lost_session == "lenient")
        self._caster = ExchangeSelector(recordings, self._index, self.sessions, rules, pace.speed)
        self._scripts = ScriptCache()
        self.breaking = FaultInjector(manners.plan, header=manners.fault_header, clock=clock, say=say)
        self._stranger: ClientSession | None = None

    @property
    def pace(self) -> Pace:
        """How time passes in the answers; a new pace holds for those that begin after it was set."""
        return self._pace

    @pace.setter
    def pace(self, pace: Pace) -> None:
        self._pace = pace
        self._caster.speed = pace.speed
        self._scripts = ScriptCache()  # they have the old pace's times

    def reset(self) -> None:
        """Begin anew, as if no client had come yet; the faults that hold begin to count anew."""
        self._caster.clear()
        self.journal.clear()
        self.breaking.plan = self.breaking.plan
        self._stranger = None

    def __call__(self, incoming: Incoming) -> Script | ResponseFactory:
        """The answer to a request."""
        try:
            visit = self.breaking.visit(incoming)
        except UsageError as error:
            return script(report(400, {"error": str(error)}), incoming.request.method, incoming.client)
        incoming, request = visit.incoming, plain(visit.incoming.request)
        try:
            choice = self._caster.choose(request, self._clock.now())
            if choice is None:
                return self._missed(visit, request)
            if choice.lost and (refusal := self._lost(request)):
                return self._refuse(refusal, choice, visit)
            return self._play(choice, visit)
        except (CassetteError, UsageError) as error:  # the file changed under us, or a fault cannot be
            self._say(one_line(str(error)))
            return script(report(500, {"error": str(error)}), request.method, incoming.client)

    def _play(self, choice: Selection, visit: Visit) -> Script:
        """The recorded answer, as this client's own."""
        request = visit.incoming.request
        hits = self._hits(choice, visit)
        played, faults = self._broken(choice, visit, hits) if hits else (self._whole(choice, visit), [])
        why: Why = "lost-session" if choice.lost else "after-last" if choice.again else "match"
        self._note(request, why, choice, played.status, faults)
        self.journal.plays[choice.exchange] += 1
        return played

    def _whole(self, choice: Selection, visit: Visit) -> Script:
        """The script of the answer as it was recorded."""
        incoming = visit.incoming
        key = choice.exchange, incoming.client, origin_of(incoming)
        played = self._scripts.find(key)
        if played is None:
            own, common = self._own(choice.exchange, choice.session, origin_of(incoming))
            played = script(self._pace.apply(schedule_of(own)), incoming.request.method, incoming.client)
            if common:
                self._scripts.keep(key, played)
        return played

    def _broken(self, choice: Selection, visit: Visit, hits: list[Hit]) -> tuple[Script, list[str]]:
        """The script of the answer as the faults change it, and these."""
        incoming = visit.incoming
        own, _ = self._own(choice.exchange, choice.session, origin_of(incoming))
        changed, faults = apply(self._pace.apply(schedule_of(own)), hits)
        return script(changed, incoming.request.method, incoming.client), faults

    def _hits(self, choice: Selection, visit: Visit) -> list[Hit]:
        """The faults that hit a recorded answer."""

        def other() -> Schedule | None:
            number = self._caster.elsewhere(choice.exchange)
            own, _ = self._own(number, self._another(number), origin_of(visit.incoming))
            return self._pace.apply(schedule_of(own))

        return self.breaking.hits(
            visit,
            session=choice.session.number,
            exchange=choice.exchange,
            other=other,
        )

    def _another(self, number: int) -> ClientSession:
        """A live session of nobody, which has what the exchange of this number issues."""
        if self._stranger is None or self._stranger not in self.sessions:
            self._stranger = self.sessions.open(self._clock.now())
        self._stranger.bound[self.recordings.session_of(number)] = None
        self.sessions.touch(self._stranger, self._clock.now())
        return self._stranger

    def _own(self, number: int, session: ClientSession, origin: str) -> tuple[Exchange, bool]:
        """An exchange with the session's tokens, mended; and whether every client gets the same."""
        asked: list[str] = []

        def token(recorded: str) -> str:
            asked.append(recorded)
            return self.sessions.token(session, recorded)

        recordings = self.recordings
        finder = recordings.finder(recordings.session_of(number))
        mine = personal(recordings.exchange(number), finder, token)
        elsewhere = ClientAddress(origin, self._clock.wall(), recordings.recorded_at(number))
        mended = mend(mine, elsewhere)
        return mended, mended is mine and not asked

    def _lost(self, request: Request) -> Schedule | None:
        """What a client without its session's cookies is told; None when it is answered all the same."""
        self._say(
            one_line(f"⚠️ Session mismatch! {request.method} {target(request)} came without its session")
        )
        if self._lost_session == "lenient":
            return None
        error = {"401": "Session expired", "404": "Job not found"}[self._lost_session]
        return report(int(self._lost_session), {"error": error})

    def _refuse(self, refusal: Schedule, choice: Selection, visit: Visit) -> Script:
        """Tell a client that it lost its session."""
        incoming = visit.incoming
        changed, faults = apply(refusal, self._hits(choice, visit))
        refused = script(changed, incoming.request.method, incoming.client)
        self._note(incoming.request, "lost-session", choice, refused.status, faults)
        return refused

    def _note(
        self, request: Request, why: Why, choice: Selection, status: int | None, faults: list[str]
    ) -> None:
        """Write an answer in the journal."""
        path, own = self.recordings.place(choice.exchange)
        self.journal.add(
            JournalEntry(
                number=self.journal.next,
                at=self._clock.now() - self.began,
                method=request.method,
                target=target(request),
                why=why,
                session=choice.session.number,
                cassette=path.name,
                exchange=own,
                status=status,
                faults=faults,
            )
        )

    def _missed(self, visit: Visit, request: Request) -> Script | ResponseFactory:
        """What answers a request that matches nothing: the live upstream if there is one, else a report."""
        nearest, at = self._nearest(request), self._clock.now() - self.began
        incoming, forwarder = visit.incoming, self._forwarder

        def note(status: int | None, faults: list[str]) -> None:
            self.journal.add(
                JournalEntry(
                    number=self.journal.next,
                    at=at,
                    method=request.method,
                    target=target(request),
                    why="forwarded" if forwarder else "miss",
                    status=status,
                    nearest=nearest,
                    faults=faults,
                )
            )

        if len(self.recordings) or not forwarder:  # a plain proxy has nothing to tell
            what = "forwarded" if forwarder else "miss"
            self._say(one_line(f"{what}: {request.method} {target(request)} was not recorded{hint(nearest)}"))
        recognised = self._caster.recognise(incoming.request)
        live = recognised.session.number if recognised.session else None
        if forwarder:
            client = forwarder.clients.number(incoming.request) if live is None else None
            hits = self.breaking.hits(visit, session=client if live is None else live)
            return forwarder.forward(incoming, recognised.request, client, hits, note)
        asked = {"method": request.method, "target": target(request)}
        told = {"error": "no recorded request matches", "request": asked, "nearest": nearest}
        changed, faults = apply(report(501, told), self.breaking.hits(visit, session=live))
        missed = script(changed, request.method, incoming.client)
        note(missed.status, faults)
        return missed

    def _nearest(self, request: Request) -> list[Neighbour]:
        """The recorded requests with the fewest differences, and these."""
        asked = self._caster.recognise(request)
        recordings, bound = self.recordings, asked.session.bound if asked.session else ()
        near = [number for recorded in bound for number in recordings.session(recorded)]
        compared = [
            (self._index.match.differences(asked.request, recordings.request(number)), number)
            for number in self._index.candidates(asked.request.url, near)
        ]
        compared.sort(key=lambda pair: len(pair[0]))  # stable: the client's own session and path stay first
        places = [(recordings.place(number), found) for found, number in compared[:NEAREST]]
        return [Neighbour(path.name, own, found) for (path, own), found in places]


def origin_of(incoming: Incoming) -> str:
    """The origin that a client asked, by its `Host`."""
    host = first(incoming.request.headers, "host")
    return f"http://{host}" if host else ""


def plain(request: Request) -> Request:
    """The request with its body decoded from its content encoding, as a cassette has it."""
    encoding = ", ".join(values(request.headers, "content-encoding"))
    if not encoding:
        return request
    body, encoding = decode_whole(request.body, encoding)
    return msgspec.structs.replace(request, body=body, encoding=encoding)


def target(request: Request) -> str:
    """Path and query of a request."""
    path, query = path_and_query(request.url)
    return f"{path}?{query}" if query else path


def hint(nearest: list[Neighbour]) -> str:
    """The nearest recorded request in half a line."""
    if not nearest:
        return ""
    near = nearest[0]
    place = f"exchange {near.exchange} of {near.cassette}"
    told = "; ".join(f"{d.what}: expected {d.expected}, found {d.found}" for d in near.differences)
    return f"; nearest is {place}: {told}" if told else f" so often: {place} is the same request"
