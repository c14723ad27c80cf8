"""One job: what its first answer and each poll said of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

import msgspec

from cassettes.views import jobs
from foundation.time_slices import in_slices
from foundation.web.parameters import Parameters
from inspector.request_errors import Missing
from inspector.workspace.bounded_exchange import exchange_within
from inspector.workspace.followed_cassette import FollowedCassette
from inspector.workspace.workspace import Workspace

MOST_POLLS = 2000
"""Polls that are told; a client that asks every two seconds makes as many in an hour."""

LONGEST = 1000
"""Characters of a step, a message or an error."""


class PollView(msgspec.Struct, frozen=True, kw_only=True):
    """What one answer said, `at` microseconds after the job's first request; `status` is the job's, "" for none."""

    id: str
    at: int
    status: str
    progress: float | None
    step: str
    message: str
    http_status: int | None
    result: bool
    error: str


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """A job; `began` is microseconds since its recording began.

    `how` is the status that it ended with, or "status 404" where the server did not know it, or "unfinished".
    `total` counts the polls, of which `polls` has the first ones.
    """

    id: str
    job_id: str
    began: int
    ended: bool
    how: str
    total: int
    polls: list[PollView]


async def job(workspace: Workspace, _asked: Parameters, id_: str) -> JobView:
    """Tell the polls of the job that an exchange belongs to; a job's id is that of its first exchange."""
    file, number = workspace.find(id_)
    first = file.job(number)
    if first is None:
        raise Missing(f"exchange {id_} belongs to no job, as far as the recording is looked through")
    members = [number for number in session_of(file, first) if file.job(number) == first]
    polls: list[PollView] = []
    states: list[jobs.JobState] = []
    began = file.cassette.request(first).at

    def look() -> Iterator[None]:
        for number in members[:MOST_POLLS]:
            exchange = exchange_within(file.cassette, number)
            states.append(jobs.state(exchange))
            polls.append(poll(f"{file.number}.{number}", exchange.end.at - began, states[-1]))
            yield

    await in_slices(look(), workspace.timers)
    found = jobs.issued(exchange_within(file.cassette, first))
    return JobView(
        id=f"{file.number}.{first}",
        job_id=found.id[:LONGEST] if found else "",
        began=began,
        ended=states[-1].ended,
        how=how(states[-1]),
        total=len(members),
        polls=polls,
    )


def session_of(file: FollowedCassette, number: int) -> list[int]:
    """The exchanges of the session of an exchange, from that one on."""
    session = file.session(number)
    assert session is not None  # its job is known
    members = file.ties.sessions.exchanges(session)
    return [one for one in members[bisect_left(members, number) :] if one < len(file.cassette)]


def poll(id_: str, at: int, state: jobs.JobState) -> PollView:
    """What is told of a poll."""
    return PollView(
        id=id_,
        at=at,
        status=state.status[:LONGEST],
        progress=state.progress,
        step=state.step[:LONGEST],
        message=state.message[:LONGEST],
        http_status=state.http,
        result=state.result is not None,
        error=shown(state.error),
    )


def how(last: jobs.JobState) -> str:
    """How the job ended, by what was said last."""
    if last.status in jobs.ENDED:
        return last.status
    return f"status {last.http}" if last.ended else "unfinished"


def shown(error: Any) -> str:
    """An error for a person."""
    if error is None:
        return ""
    return (error if isinstance(error, str) else msgspec.json.encode(error).decode())[:LONGEST]
