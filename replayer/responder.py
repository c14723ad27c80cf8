"""Says what each request is answered with: match, session, schedule, script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from cassettes.errors import CassetteError
from cassettes.model import Exchange, Request, first, values
from recorder.assembly import decode_whole
from replayer.cache import ScriptCache
from replayer.casting import Caster, Choice, Rules
from replayer.clock import SYSTEM, Clock
from replayer.forwarding import Forwarder
from replayer.framing import Script, script
from replayer.incoming import Incoming
from replayer.index import MatchIndex
from replayer.journal import Entry, Journal, Neighbour, Why
from replayer.live import LiveSession, LiveSessions, Tokens
from replayer.logline import one_line
from replayer.matching import EVERYTHING, Match, path_and_query
from replayer.mending import Elsewhere, mend
from replayer.pace import Pace
from replayer.personal import personal
from replayer.player import Live
from replayer.recordings import Recordings
from replayer.refusal import report
from replayer.schedule import Schedule, schedule_of

NEAREST = 3
"""Recorded requests that the report of a miss names."""

type LostSession = Literal["lenient", "401", "404"]


class Manners(msgspec.Struct, frozen=True, kw_only=True):
    """How a replay treats its clients.

    `match` says what of a request is compared; `seed` makes the minted tokens; `lost_session` is what becomes
    of a request that lost its session's cookies: it is answered all the same, or refused with 401 or 404,
    unless such a request was recorded.
    """

    match: Match = EVERYTHING
    seed: int = 0
    tokens: Tokens = "minted"
    rules: Rules = Rules()
    lost_session: LostSession = "lenient"


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
        manners: Manners = Manners(),  # noqa: B008 - immutable
        clock: Clock = SYSTEM,
        forwarder: Forwarder | None = None,
    ) -> None:
        self.recordings = recordings
        self.journal = Journal()
        self.sessions = LiveSessions(seed=manners.seed, tokens=manners.tokens)
        self._pace = pace
        self._say = say
        self._lost_session = manners.lost_session
        self._clock = clock
        self._forwarder = forwarder
        self.began = clock.now()
        self._index = index
        rules = msgspec.structs.replace(manners.rules, answer_lost=manners.lost_session == "lenient")
        self._caster = Caster(recordings, self._index, self.sessions, rules, pace.speed)
        self._scripts = ScriptCache()

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
        """Begin anew, as if no client had come yet."""
        self._caster.clear()
        self.journal.clear()

    def __call__(self, incoming: Incoming) -> Script | Live:
        """The answer to a request."""
        request = plain(incoming.request)
        try:
            choice = self._caster.choose(request, self._clock.now())
            if choice is None:
                return self._missed(incoming, request)
            if choice.lost and (refusal := self._lost(request, choice)):
                return script(refusal, request.method, incoming.client)
            return self._play(choice, incoming)
        except CassetteError as error:  # the file changed under us
            self._say(one_line(str(error)))
            return script(report(500, {"error": str(error)}), request.method, incoming.client)

    def _play(self, choice: Choice, incoming: Incoming) -> Script:
        """The recorded answer, as this client's own."""
        request, number = incoming.request, choice.exchange
        origin = f"http://{host}" if (host := first(request.headers, "host")) else ""
        key = number, incoming.client, origin
        played = self._scripts.find(key)
        if played is None:
            own, common = self._own(number, choice.session, origin)
            played = script(self._pace.apply(schedule_of(own)), request.method, incoming.client)
            if common:
                self._scripts.keep(key, played)
        why: Why = "lost-session" if choice.lost else "after-last" if choice.again else "match"
        self._note(request, why, choice, played.status)
        self.journal.plays[number] += 1
        return played

    def _own(self, number: int, session: LiveSession, origin: str) -> tuple[Exchange, bool]:
        """An exchange with the session's tokens, mended; and whether every client gets the same."""
        asked: list[str] = []

        def token(recorded: str) -> str:
            asked.append(recorded)
            return self.sessions.token(session, recorded)

        recordings = self.recordings
        finder = recordings.finder(recordings.session_of(number))
        mine = personal(recordings.exchange(number), finder, token)
        elsewhere = Elsewhere(origin, self._clock.wall(), recordings.recorded_at(number))
        mended = mend(mine, elsewhere)
        return mended, mended is mine and not asked

    def _lost(self, request: Request, choice: Choice) -> Schedule | None:
        """What a client without its session's cookies is told; None when it is answered all the same."""
        self._say(
            one_line(f"⚠️ Session mismatch! {request.method} {target(request)} came without its session")
        )
        if self._lost_session == "lenient":
            return None
        error = {"401": "Session expired", "404": "Job not found"}[self._lost_session]
        self._note(request, "lost-session", choice, int(self._lost_session))
        return report(int(self._lost_session), {"error": error})

    def _note(self, request: Request, why: Why, choice: Choice, status: int | None) -> None:
        """Write an answer in the journal."""
        path, own = self.recordings.place(choice.exchange)
        self.journal.add(
            Entry(
                number=self.journal.next,
                at=self._clock.now() - self.began,
                method=request.method,
                target=target(request),
                why=why,
                session=choice.session.number,
                cassette=path.name,
                exchange=own,
                status=status,
            )
        )

    def _missed(self, incoming: Incoming, request: Request) -> Script | Live:
        """What answers a request that matches nothing: the live upstream if there is one, else a report."""
        nearest, at = self._nearest(request), self._clock.now() - self.began
        forwarder = self._forwarder

        def note(status: int | None) -> None:
            self.journal.add(
                Entry(
                    number=self.journal.next,
                    at=at,
                    method=request.method,
                    target=target(request),
                    why="forwarded" if forwarder else "miss",
                    status=status,
                    nearest=nearest,
                )
            )

        if len(self.recordings) or not forwarder:  # a plain proxy has nothing to tell
            what = "forwarded" if forwarder else "miss"
            self._say(one_line(f"{what}: {request.method} {target(request)} was not recorded{hint(nearest)}"))
        if forwarder:
            return forwarder.forward(incoming, self._caster.recognise(incoming.request).request, note)
        note(501)
        asked = {"method": request.method, "target": target(request)}
        told = {"error": "no recorded request matches", "request": asked, "nearest": nearest}
        return script(report(501, told), request.method, incoming.client)

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
