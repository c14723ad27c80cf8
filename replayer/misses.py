"""Responds to requests that match no recorded one: with a report of the nearest, or through the live chatbot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cassettes.model import Request
from foundation.http.urls import target
from foundation.printable import one_line
from replayer.faults.injection.injector import FaultInjector, Visit
from replayer.faults.injection.pipeline import apply
from replayer.http1.encoder import Script, script
from replayer.journal import Journal, JournalEntry, Neighbour
from replayer.listener.player import ResponseFactory
from replayer.matching.index import MatchIndex
from replayer.schedule.error_responses import report
from replayer.selection.recordings import Recordings
from replayer.selection.selector import ExchangeSelector, Recognised

if TYPE_CHECKING:
    from replayer.forwarding.forwarder import Forwarder

NEAREST = 3
"""Recorded requests that the report of a miss names."""


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
        log: Callable[[str], None],
    ) -> None:
        self._recordings = recordings
        self._index = index
        self._selector = selector
        self._injector = injector
        self._journal = journal
        self._forwarder = forwarder
        self._log = log

    def respond(self, visit: Visit, request: Request) -> Script | ResponseFactory:
        """The response to a miss: from the live upstream if there is one, else a report with status 501.

        `request` is the one that was compared, its body decoded. Raises UsageError for a fault that fails.
        """
        recognised = self._selector.recognise(request)
        nearest = self._nearest(recognised)
        self._log_miss(request, nearest)
        write = self._writer(request, nearest)
        if self._forwarder:
            return self._forward(self._forwarder, visit, write)
        session = recognised.session.number if recognised.session else None
        missed = {"method": request.method, "target": target(request.url)}
        body = {"error": "no recorded request matches", "request": missed, "nearest": nearest}
        changed, faults = apply(report(501, body), self._injector.hits(visit, session=session))
        response = script(changed, request.method, visit.incoming.client)
        write(response.status, faults)
        return response

    def _forward(
        self, forwarder: Forwarder, visit: Visit, write: Callable[[int | None, list[str]], None]
    ) -> ResponseFactory:
        """Forward the request as it was sent, with the recorded tokens in the place of the client's own."""
        recognised = self._selector.recognise(visit.incoming.request)
        if recognised.session:
            client, number = None, recognised.session.number
        else:
            client = forwarder.clients.number(visit.incoming.request)
            number = client
        hits = self._injector.hits(visit, session=number)
        return forwarder.forward(visit.incoming, recognised.request, client, hits, write)

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

    def _nearest(self, missed: Recognised) -> list[Neighbour]:
        """The recorded requests that are nearest to the missed one, and the differences to each."""
        from replayer.matching.distance import distance  # noqa: PLC0415 - most replays miss nothing

        recordings, bound = self._recordings, missed.session.bound if missed.session else ()
        near = [number for recorded in bound for number in recordings.session(recorded)]
        compared = [
            (self._index.match.differences(missed.request, recordings.request(number)), number)
            for number in self._index.candidates(missed.request.url, near)
        ]
        compared.sort(
            key=lambda pair: distance(pair[0])
        )  # stable: the client's own session and path stay first
        return [
            Neighbour(recordings.path(number).name, recordings.shown(number), differences)
            for differences, number in compared[:NEAREST]
        ]


def nearest_hint(nearest: list[Neighbour]) -> str:
    """The second half of a log line: the nearest recorded request and its differences; empty without one."""
    if not nearest:
        return ""
    near = nearest[0]
    place = f"exchange {near.exchange} of {near.cassette}"
    differences = "; ".join(f"{d.what}: expected {d.expected}, found {d.found}" for d in near.differences)
    return (
        f"; nearest is {place}: {differences}" if differences else f" so often: {place} is the same request"
    )
