"""Responds to requests that match no recorded one: with a report of the nearest, or through the live chatbot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from cassettes.model import Request
from foundation.http.urls import target
from foundation.printable import one_line
from replayer.exchange_number import ReplayExchange
from replayer.faults.injection.injector import FaultInjector, Visit
from replayer.faults.injection.pipeline import apply
from replayer.http1.encoder import script
from replayer.journal import Journal, JournalEntry, Neighbour
from replayer.large.large_requests import LargeRequest, LargeRequests
from replayer.listener.player import Response, ResponseFactory
from replayer.matching.differences import RequestDifference
from replayer.matching.index import MatchIndex
from replayer.schedule.error_responses import report
from replayer.selection.recordings import Recordings
from replayer.selection.selector import ExchangeSelector, Recognised

if TYPE_CHECKING:
    from replayer.forwarding.forwarder import Forwarder

NEAREST = 3
"""Recorded requests that the report of a miss names."""


COMPARED_AT_ONCE = 128 << 10
"""Bytes of requests that are compared on the event loop; for more it takes too long, and a process does it."""


class MissResponder:
    """Responds to misses, and writes them in the journal; `log` is given a line about each."""

    def __init__(
        self,
        recordings: Recordings,
        index: MatchIndex,
        selector: ExchangeSelector,
        injector: FaultInjector,
        journal: Journal,
        forwarder: Forwarder | None,
        large: LargeRequests,
        log: Callable[[str], None],
    ) -> None:
        self._recordings = recordings
        self._index = index
        self._selector = selector
        self._injector = injector
        self._journal = journal
        self._forwarder = forwarder
        self._large = large
        self._log = log

    def respond(self, visit: Visit, missed: Recognised) -> Response | None:
        """The response to a miss: from the live upstream if there is one, else a report with status 501.

        None when finding the nearest requests takes long: then `respond_later` does. `missed` is the request that was
        compared, its body decoded. Raises UsageError for a fault that fails.
        """
        from replayer.matching.distance import distance  # noqa: PLC0415 - most replays miss nothing

        candidates = self._candidates(missed)
        lengths = (self._recordings.request_place(number).length for number in candidates)
        if sum(lengths) + len(candidates) * len(missed.request.body) > COMPARED_AT_ONCE:
            return None
        match = self._index.match
        compared = [
            (match.differences(missed.request, self._recordings.request(number)), number)
            for number in candidates
        ]
        compared.sort(
            key=lambda pair: distance(pair[0])
        )  # stable: the client's own session and path stay first
        return self._response(visit, missed, compared[:NEAREST])

    async def respond_later(self, visit: Visit, missed: Recognised) -> Response:
        """The same as `respond`, with the nearest requests found in a process; raises LargeWorkFailed, too."""
        async with self._large.load(missed.request) as large:
            await large.load()
            compared = await large.compare(self._candidates(missed), NEAREST)
        return self._response(visit, missed, compared)

    async def respond_to_large(self, visit: Visit, missed: Recognised, large: LargeRequest) -> Response:
        """The same for a large request, whose body the process has."""
        compared = await large.compare(self._candidates(missed), NEAREST)
        if self._forwarder is None:
            return self._response(visit, missed, compared)
        body = await large.body()
        whole = msgspec.structs.replace(visit.incoming.request, body=body)
        recognised = msgspec.structs.replace(
            missed, request=msgspec.structs.replace(missed.request, body=body)
        )
        incoming = msgspec.structs.replace(visit.incoming, request=whole, pieces=())
        return self._response(visit._replace(incoming=incoming), missed, compared, recognised)

    def _response(
        self,
        visit: Visit,
        missed: Recognised,
        compared: list[tuple[list[RequestDifference], ReplayExchange]],
        forwarded: Recognised | None = None,
    ) -> Response:
        from replayer.matching.suggested_options import options_to_match  # noqa: PLC0415 - as above

        nearest = [
            Neighbour(
                self._recordings.path(number).name,
                self._recordings.shown(number),
                differences,
                options_to_match(differences),
            )
            for differences, number in compared
        ]
        request = missed.request
        self._log_miss(request, nearest)
        write = self._writer(request, nearest)
        if self._forwarder:
            # It is sent on as it came, with the recorded tokens in the place of the client's own.
            recognised = forwarded or self._selector.recognise(visit.incoming.request)
            return self._forward(self._forwarder, visit, recognised, write)
        session = missed.session.number if missed.session else None
        described = {"method": request.method, "target": target(request.url)}
        body = {"error": "no recorded request matches", "request": described, "nearest": nearest}
        changed, faults = apply(report(501, body), self._injector.hits(visit, session=session))
        response = script(changed, request.method, visit.incoming.client)
        write(response.status, faults)
        return response

    def _forward(
        self,
        forwarder: Forwarder,
        visit: Visit,
        recognised: Recognised,
        write: Callable[[int | None, list[str]], None],
    ) -> ResponseFactory:
        if recognised.session:
            client, number = None, recognised.session.number
        else:
            client = forwarder.clients.number(visit.incoming.request)
            number = client
        hits = self._injector.hits(visit, session=number)
        return forwarder.forward(visit.incoming, recognised.request, client, hits, write)

    def _candidates(self, missed: Recognised) -> list[ReplayExchange]:
        """The recorded requests to compare a missed one with."""
        bound = missed.session.bound if missed.session else ()
        near = [number for recorded in bound for number in self._recordings.session(recorded)]
        return self._index.candidates(missed.request.url, near)

    def _log_miss(self, request: Request, nearest: list[Neighbour]) -> None:
        if len(self._recordings) or not self._forwarder:  # for a plain proxy no request is a miss
            what = "forwarded" if self._forwarder else "miss"
            self._log(
                one_line(
                    f"{what}: {request.method} {target(request.url)} was not recorded{nearest_hint(nearest)}"
                )
            )

    def _writer(self, request: Request, nearest: list[Neighbour]) -> Callable[[int | None, list[str]], None]:
        """What writes the miss in the journal once the status of its response and its faults are known."""
        at = self._journal.now()

        def write(status: int | None, faults: list[str]) -> None:
            self._injector.note(faults)
            self._journal.add(
                JournalEntry(
                    number=self._journal.next,
                    at=at,
                    method=request.method,
                    target=target(request.url),
                    why="forwarded" if self._forwarder else "miss",
                    status=status,
                    nearest=nearest,
                    faults=faults,
                )
            )

        return write


def nearest_hint(nearest: list[Neighbour]) -> str:
    """The second half of a log line: the nearest recorded request and its differences; empty without one."""
    if not nearest:
        return ""
    near = nearest[0]
    place = f"exchange {near.exchange} of {near.cassette}"
    differences = "; ".join(f"{d.what}: expected {d.expected}, found {d.found}" for d in near.differences)
    if not differences:
        return f" so often: {place} is the same request"
    options = f"; it matches with {' '.join(near.options)}" if near.options else ""
    return f"; nearest is {place}: {differences}{options}"
