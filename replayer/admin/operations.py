"""The operations of the admin listener: a function for each, and the table by which they are served and documented.

The first line of a function's docstring is its summary in the OpenAPI document.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from itertools import islice
from typing import Any

import msgspec
from msgspec import UNSET

from foundation.clock import SECOND
from foundation.errors import UsageError
from foundation.http.urls import target
from foundation.web.parameters import Parameters
from replayer.admin import requests, responses
from replayer.admin.metrics import exposition
from replayer.admin.openapi import document
from replayer.admin.operation import Operation, RunningReplay
from replayer.exchange_number import ReplayExchange
from replayer.faults.language.catalogue import catalogue
from replayer.faults.language.plan import FaultPlan, plan_of
from replayer.journal import JournalEntry
from replayer.schedule.pace import Pace
from replayer.selection.client_sessions import ClientSession

type Numbered = JournalEntry | responses.Session | responses.RecordedExchange

MOST_TOKENS = 20
"""Tokens of a session that are listed, the latest first."""


def health(replay: RunningReplay, _query: Parameters) -> responses.Health:
    """Tell that the server runs, and how busy it is."""
    journal = replay.responder.journal
    return responses.Health(
        exchanges=len(replay.responder.recordings),
        requests=journal.served,
        misses=journal.misses,
        open_streams=replay.listener.playing,
    )


def journal(replay: RunningReplay, query: requests.JournalParameters) -> responses.JournalPage:
    """Tell what was served: to which live session, from which exchange, why, and with what status."""
    return responses.JournalPage(*entries(replay, query))


def misses(replay: RunningReplay, query: requests.MissesParameters) -> responses.MissesPage:
    """Tell which requests matched nothing, the recorded ones nearest to each, and the differences."""
    return responses.MissesPage(*entries(replay, query))


def entries(replay: RunningReplay, query: requests.EntriesParameters) -> tuple[list[JournalEntry], int]:
    """Return the wanted entries up to the limit, and the number from which the next page goes on."""
    found = list(islice(filter(query.fits, replay.responder.journal), query.limit))
    return found, following(found, query.limit, replay.responder.journal.next)


def following(page: Sequence[Numbered], limit: int, end: int) -> int:
    """Return the number after the last one of a full page, otherwise `end`, because nothing is left."""
    return page[-1].number + 1 if len(page) == limit else end


def clear_journal(replay: RunningReplay, _query: Parameters) -> None:
    """Forget the journal, its counts and how often each exchange was played."""
    replay.responder.journal.clear()


def reset(replay: RunningReplay, _query: Parameters) -> None:
    """Begin anew, as if no client had come yet: forget the live sessions, their places and the journal."""
    replay.responder.reset()


def sessions(replay: RunningReplay, query: requests.Page) -> responses.SessionsPage:
    """List the live sessions: who is served what."""
    live = sorted(replay.responder.sessions, key=lambda session: session.number)
    wanted = (session for session in live if session.number >= query.since)
    page = [session_of(session, replay) for session in islice(wanted, query.limit)]
    end = live[-1].number + 1 if live else 0
    return responses.SessionsPage(page, following(page, query.limit, end))


def session_of(session: ClientSession, replay: RunningReplay) -> responses.Session:
    """Return a client session as it is listed."""
    return responses.Session(
        number=session.number,
        began=session.began - replay.responder.journal.began,
        idle=replay.listener.timers.now() - session.used,
        recorded=list(session.bound),
        played=len(session.served),
        tokens=[shortened(token) for token in islice(reversed(session.live.values()), MOST_TOKENS)],
    )


def shortened(token: str) -> str:
    """Return the beginning of a token to recognise it by: a quarter of it, at most eight characters."""
    return f"{token[: min(len(token) // 4, 8)]}..."


def exchanges(replay: RunningReplay, query: requests.ExchangesParameters) -> responses.ExchangesPage:
    """List what is recorded, and how often each exchange was played."""
    total, plays = len(replay.responder.recordings), replay.responder.journal.plays
    wanted = (
        number
        for number in map(ReplayExchange, range(query.since, total))
        if query.played in {msgspec.UNSET, plays[number] > 0}
    )
    page = [exchange_of(number, replay) for number in islice(wanted, query.limit)]
    return responses.ExchangesPage(page, following(page, query.limit, total), total, len(plays))


def exchange_of(number: ReplayExchange, replay: RunningReplay) -> responses.RecordedExchange:
    """Return a recorded exchange as it is listed."""
    recordings = replay.responder.recordings
    request, response = recordings.request(number), recordings.response(number)
    return responses.RecordedExchange(
        number=number,
        cassette=recordings.path(number).name,
        exchange=recordings.shown(number),
        method=request.method,
        target=target(request.url),
        status=None if response is None else response.status,
        played=replay.responder.journal.plays[number],
    )


def speed(replay: RunningReplay, _query: Parameters) -> responses.Speed:
    """Tell how time passes."""
    pace = replay.responder.pace
    gap = None if pace.max_gap is None else pace.max_gap / SECOND
    return responses.Speed("max" if math.isinf(pace.speed) else pace.speed, gap)


def set_speed(replay: RunningReplay, body: responses.Speed) -> responses.Speed:
    """Let time pass so in the answers that begin from now on; what plays goes on as it began."""
    factor = math.inf if body.speed == "max" else body.speed
    gap = None if body.max_gap is None else round(body.max_gap * SECOND)
    replay.responder.pace = Pace(speed=factor, max_gap=gap)
    return body


def faults(replay: RunningReplay, _query: Parameters) -> responses.Faults:
    """Tell which faults hold."""
    plan = replay.responder.injector.plan
    return responses.Faults(plan.lines, plan.seed)


async def set_faults(replay: RunningReplay, body: responses.Faults) -> responses.Faults:
    """Let these faults hold for the requests that come from now on, and begin to count anew."""
    before = replay.responder.injector.plan
    try:
        # In a thread, because a plan can be long, and its faults are imported.
        plan = await asyncio.to_thread(plan_of, body.faults, before.seed if body.seed is UNSET else body.seed)
    except UsageError as error:
        raise requests.InvalidRequest(str(error)) from None
    replay.responder.injector.plan = plan
    return responses.Faults(plan.lines, plan.seed)


def clear_faults(replay: RunningReplay, _query: Parameters) -> None:
    """Let no fault hold for the requests that come from now on."""
    replay.responder.injector.plan = FaultPlan(seed=replay.responder.injector.plan.seed)


async def faults_catalogue(_replay: RunningReplay, _query: Parameters) -> responses.Catalogue:
    """Tell all faults that there are, and what each takes."""
    return responses.Catalogue(await asyncio.to_thread(catalogue))  # it imports all of them


def metrics(replay: RunningReplay, _query: Parameters) -> str:
    """Tell the counts and gauges to Prometheus."""
    return exposition(replay.responder, replay.listener)


def openapi(_replay: RunningReplay, _query: Parameters) -> dict[str, Any]:
    """Tell all this to programs, as OpenAPI 3.1."""
    return document(OPERATIONS)


OPERATIONS = (
    Operation("GET", "/health", health, responses.Health),
    Operation("GET", "/journal", journal, responses.JournalPage, requests.JournalParameters),
    Operation("DELETE", "/journal", clear_journal, None),
    Operation("GET", "/misses", misses, responses.MissesPage, requests.MissesParameters),
    Operation("GET", "/sessions", sessions, responses.SessionsPage, requests.Page),
    Operation("GET", "/exchanges", exchanges, responses.ExchangesPage, requests.ExchangesParameters),
    Operation("POST", "/reset", reset, None),
    Operation("GET", "/speed", speed, responses.Speed),
    Operation("PUT", "/speed", set_speed, responses.Speed, responses.Speed),
    Operation("GET", "/faults", faults, responses.Faults),
    Operation("PUT", "/faults", set_faults, responses.Faults, responses.Faults),
    Operation("DELETE", "/faults", clear_faults, None),
    Operation("GET", "/faults/catalogue", faults_catalogue, responses.Catalogue),
    Operation("GET", "/metrics", metrics, str, media_type="text/plain; version=0.0.4; charset=utf-8"),
    Operation("GET", "/openapi.json", openapi, dict[str, Any]),
)
