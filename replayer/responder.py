"""Responds to requests: selects a recorded exchange, renders it for the client, and writes the journal.

A request passes once through these parts, in this order: the fault injector takes out what is meant for it, the
selector chooses the exchange, the renderer makes the client's own response of it, the faults that hit change it,
and the journal gets an entry. What matches nothing goes to the `MissResponder` instead of the renderer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

import msgspec

from cassettes.model import Request
from foundation.clock import SYSTEM, Clock
from foundation.errors import ChatreelError, UsageError
from foundation.http.cookies import with_original_cookies
from foundation.http.cors import is_preflight, page_origin, preflight_headers
from foundation.http.urls import target
from foundation.printable import one_line
from replayer.exchange_number import ReplayExchange
from replayer.faults.injection.active_plan import Hit
from replayer.faults.injection.injector import FaultInjector, Visit
from replayer.faults.injection.pipeline import apply
from replayer.faults.language.plan import FaultPlan
from replayer.http1.encoder import Script, script
from replayer.http1.incoming import Incoming
from replayer.journal import Journal, JournalEntry
from replayer.large.faulted_answer import faulted
from replayer.large.large_renderer import LargeRenderer
from replayer.large.large_requests import LargeRequests, is_large
from replayer.large.unpacked_answers import UnpackedAnswers
from replayer.large.worker import Worker
from replayer.listener.pending_response import pending
from replayer.listener.player import Response, ResponseFactory
from replayer.matching.decoded_request import decoded
from replayer.matching.index import MatchIndex
from replayer.matching.matcher import EVERYTHING, Match
from replayer.misses import MissResponder
from replayer.rendering.renderer import TEMPLATES_KEPT, WHOLE, OwnResponse, Renderer
from replayer.schedule.actions import Schedule
from replayer.schedule.error_responses import no_content, report
from replayer.schedule.pace import Pace
from replayer.selection.client_sessions import ClientSession, ClientSessions, Tokens
from replayer.selection.recordings import Recordings
from replayer.selection.selector import ExchangeSelector, Selection, SelectionRules

if TYPE_CHECKING:
    from replayer.forwarding.forwarder import Forwarder

type LostSession = Literal["lenient", "401", "404"]

LOST_SESSION_ERRORS = {"401": "Session expired", "404": "Job not found"}


class ReplayOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a replay treats its clients.

    `match` says what of a request is compared, and `seed` is what the minted tokens are made from. `lost_session`
    says what happens to a request without its session's cookies where none without them was recorded: it gets
    the recorded response all the same, or 401, or 404. `plan` has the faults that hold from the start, and
    `fault_header` says whether a request may carry faults of its own. `cors` says whether pages of any origin may ask
    and read, and their preflights are answered.
    """

    match: Match = EVERYTHING
    seed: int = 0
    tokens: Tokens = "minted"
    rules: SelectionRules = SelectionRules()
    lost_session: LostSession = "lenient"
    plan: FaultPlan = FaultPlan()
    fault_header: bool = False
    cors: bool = False


class Responder:
    """Responds to requests from recordings, to those that match nothing through the forwarder if there is one.

    `log` is given a line for whatever a person should know; `kept` bytes of rendered responses are kept at hand.
    """

    def __init__(
        self,
        recordings: Recordings,
        index: MatchIndex,
        pace: Pace,
        log: Callable[[str], None],
        options: ReplayOptions = ReplayOptions(),  # noqa: B008 - immutable
        clock: Clock = SYSTEM,
        forwarder: Forwarder | None = None,
        kept: int = TEMPLATES_KEPT,
    ) -> None:
        self.recordings = recordings
        self.journal = Journal(clock)
        self.sessions = ClientSessions(seed=options.seed, tokens=options.tokens)
        self.injector = FaultInjector(options.plan, header=options.fault_header, clock=clock, say=log)
        self._log = log
        self._clock = clock
        self._lost_session = options.lost_session
        self._cors = options.cors
        rules = msgspec.structs.replace(options.rules, answer_lost=options.lost_session == "lenient")
        self._selector = ExchangeSelector(recordings, index, self.sessions, rules, pace.speed)
        # Apart, so that neither large requests nor large answers wait for the others.
        self._workers = Worker(recordings.descriptors), Worker(recordings.descriptors)
        self._unpacked = UnpackedAnswers(recordings, self._workers[0])
        self._large = LargeRequests(self._workers[1], recordings, index, self.sessions)
        self._renderer = Renderer(recordings, self.sessions, pace, clock, kept)
        self._large_renderer = LargeRenderer(recordings, self.sessions, self._unpacked, clock)
        self._misses = MissResponder(
            recordings, index, self._selector, self.injector, self.journal, forwarder, self._large, log
        )
        self._swap_session: ClientSession | None = None

    @property
    def pace(self) -> Pace:
        """How time passes in the responses; a new pace holds for those that begin after it was set."""
        return self._renderer.pace

    @pace.setter
    def pace(self, pace: Pace) -> None:
        self._renderer.pace = pace
        self._selector.speed = pace.speed

    def reset(self) -> None:
        """Begin anew, as if no client had come yet; the active faults begin to count anew."""
        self._selector.clear()
        self.journal.clear()
        self.injector.plan = self.injector.plan
        self._swap_session = None

    async def close(self) -> None:
        """End the processes that handle what is large."""
        await self._unpacked.close()
        for worker in self._workers:
            worker.close()

    def __call__(self, incoming: Incoming) -> Response:
        """The response to a request; what cannot be read or done becomes one with status 400 or 500."""
        if self._cors and (page := page_origin(incoming.request.headers)):
            incoming = msgspec.structs.replace(incoming, client=incoming.client._replace(page=page))
            if is_preflight(incoming.request.method, incoming.request.headers):
                allowed = no_content(preflight_headers(incoming.request.headers))
                return script(allowed, "OPTIONS", incoming.client)
        try:
            visit = self.injector.visit(with_recorded_cookies(incoming))
        except UsageError as error:
            return script(report(400, {"error": str(error)}), incoming.request.method, incoming.client)
        if is_large(visit.incoming):
            return self._later(visit, lambda: self._respond_to_large(visit))
        try:
            recognised = self._selector.recognise(decoded(visit.incoming.request))
            selection = self._selector.choose(recognised, self._clock.now())
            if selection is not None:
                return self._respond(selection, visit)
            missed = self._misses.respond(visit, recognised)
        except ChatreelError as error:  # the file changed under us, or a fault cannot be applied
            return self._failed(visit, error)
        return missed or self._later(visit, lambda: self._misses.respond_later(visit, recognised))

    async def _respond_to_large(self, visit: Visit) -> Response:
        """The response to a large request, which a process reads and compares."""
        async with self._large.load(visit.incoming.request, visit.incoming.pieces) as large:
            recognised = await large.recognise()
            selection = self._selector.choose(recognised, self._clock.now())
            if selection is None:
                return await self._misses.respond_to_large(visit, recognised, large)
        return self._respond(selection, visit)

    def _later(self, visit: Visit, find: Callable[[], Awaitable[Response]]) -> ResponseFactory:
        """The response that `find` returns, or one with status 500."""

        async def found() -> Response:
            try:
                return await find()
            except ChatreelError as error:
                return self._failed(visit, error)

        return pending(found)

    def _failed(self, visit: Visit, error: ChatreelError) -> Script:
        self._log(one_line(str(error)))
        return script(
            report(500, {"error": str(error)}), visit.incoming.request.method, visit.incoming.client
        )

    def _respond(self, selection: Selection, visit: Visit) -> Response:
        """Render a selected exchange, or refuse a client that lost its session, and write the journal."""
        refusal = self._refusal(visit.incoming.request) if selection.lost else None
        if selection.is_over:
            refusal = no_content()
        hits = self._hits(selection, visit)
        if refusal is None and not selection.after and self._large_renderer.is_large(selection.exchange):
            return self._later(visit, lambda: self._render_large(selection, visit, hits))
        response, faults = self._rendered(selection, visit, refusal, hits)
        self._write(visit.incoming.request, selection, response.status, faults)
        if refusal is None:
            self.journal.plays[selection.exchange] += 1
        return response

    async def _render_large(self, selection: Selection, visit: Visit, hits: list[Hit]) -> Response:
        """Render a large exchange, which a process unpacks, and write the journal."""
        request = visit.incoming.request
        response = await self._large_renderer.script(
            selection.exchange, selection.session, visit.incoming, self.pace, selection.fresh
        )
        self.journal.plays[selection.exchange] += 1
        if hits:
            written = partial(self._write, request, selection)
            return faulted(response, hits, visit.incoming, written, lambda why: self._log(one_line(why)))
        self._write(request, selection, response.status, [])
        return response

    def _rendered(
        self, selection: Selection, visit: Visit, refusal: Schedule | None, hits: list[Hit]
    ) -> tuple[Script, list[str]]:
        """The response as bytes, and the faults that changed it as lines."""
        incoming, number, session = visit.incoming, selection.exchange, selection.session
        if refusal is None and not hits:
            return self._renderer.script(number, session, incoming, own_response(selection)), []
        schedule = refusal or self._renderer.schedule(number, session, incoming, own_response(selection))
        changed, faults = apply(schedule, hits)
        return script(changed, incoming.request.method, incoming.client), faults

    def _hits(self, selection: Selection, visit: Visit) -> list[Hit]:
        """The faults that hit the response from a selected exchange."""

        def other() -> Schedule | None:
            number = self._selector.in_another_session(selection.exchange)
            return self._renderer.schedule(number, self._session_with(number), visit.incoming)

        return self.injector.hits(
            visit,
            session=selection.session.number,
            exchange=self.recordings.id(selection.exchange),
            job_state=lambda: self.recordings.job_state(selection.exchange),
            other=other,
        )

    def _session_with(self, number: ReplayExchange) -> ClientSession:
        """A client session that belongs to no client, and has the tokens that an exchange issues."""
        if self._swap_session is None or self._swap_session not in self.sessions:
            self._swap_session = self.sessions.open(self._clock.now())
        self._swap_session.bind(self.recordings.session_of(number))
        self.sessions.touch(self._swap_session, self._clock.now())
        return self._swap_session

    def _refusal(self, request: Request) -> Schedule | None:
        """The response to a client without its session's cookies; None when it gets the recorded one all the same."""
        self._log(
            one_line(f"⚠️ Session mismatch! {request.method} {target(request.url)} came without its session")
        )
        if self._lost_session == "lenient":
            return None
        return report(int(self._lost_session), {"error": LOST_SESSION_ERRORS[self._lost_session]})

    def _write(self, request: Request, selection: Selection, status: int | None, faults: list[str]) -> None:
        """Write a response from a recorded exchange in the journal."""
        self.injector.note(faults)
        self.journal.add(
            JournalEntry(
                number=self.journal.next,
                at=self.journal.now(),
                method=request.method,
                target=target(request.url),
                why="lost-session" if selection.lost else "after-last" if selection.again else "match",
                session=selection.session.number,
                cassette=self.recordings.path(selection.exchange).name,
                exchange=self.recordings.shown(selection.exchange),
                status=status,
                fresh=[value.difference for value in selection.fresh],
                faults=faults,
            )
        )


def with_recorded_cookies(incoming: Incoming) -> Incoming:
    """The request with its cookies named as recorded; browsers know some by other names (see `local_cookie`)."""
    request = incoming.request
    headers = with_original_cookies(request.headers)
    if headers == request.headers:
        return incoming
    return msgspec.structs.replace(incoming, request=msgspec.structs.replace(request, headers=headers))


def own_response(selection: Selection) -> OwnResponse:
    """What is the client's own in the response from a selected exchange."""
    return OwnResponse(selection.fresh, selection.after) if selection.fresh or selection.after else WHOLE
