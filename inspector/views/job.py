"""One job: what the response that issued it and each poll said about it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

import msgspec

from cassettes.views.job_states import JobState, state
from cassettes.views.jobs import JobFinder
from foundation.time_slices import in_slices
from foundation.web.parameters import Parameters
from inspector.indexing.bounded_exchange import exchange_within
from inspector.request_errors import Missing
from inspector.workspace.followed_cassette import FollowedCassette
from inspector.workspace.workspace import Workspace

MOST_POLLS = 2000
"""Polls of a job that are shown; a client that polls every two seconds makes as many in an hour."""

LONGEST_TEXT = 1000
"""Characters of a step, a message or an error."""


class PollView(msgspec.Struct, frozen=True, kw_only=True):
    """What one response said, `at` microseconds after the job's first request; `status` is the job's, "" for none."""

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

    `how` is the status that it ended with, or "ended" where the server has no word for it, "status 404" where it did
    not know the job, or "unfinished".
    `total` counts the polls, of which `polls` has the first ones.
    """

    id: str
    job_id: str
    began: int
    ended: bool
    how: str
    total: int
    polls: list[PollView]


async def job(workspace: Workspace, _parameters: Parameters, id_: str) -> JobView:
    """The polls of the job that an exchange belongs to; raises Missing, CassetteError."""
    file, number = workspace.find(id_)
    first = file.job(number)
    if first is None:
        raise Missing(f"exchange {id_} belongs to no job, as far as the recording is looked through")
    members = [number for number in rest_of_session(file, first) if file.job(number) == first]
    polls: list[PollView] = []
    states: list[JobState] = []
    finder = JobFinder()
    began = file.cassette.request(first).at

    def read_polls() -> Iterator[None]:
        for number in members[:MOST_POLLS]:
            exchange = exchange_within(file.cassette, number)
            finder.add(exchange)
            states.append(state(exchange))
            polls.append(poll(f"{file.number}.{number}", exchange.end.at - began, states[-1]))
            yield

    await in_slices(read_polls(), workspace.timers)
    found = next(iter(finder.jobs), None)
    return JobView(
        id=f"{file.number}.{first}",
        job_id=found.id[:LONGEST_TEXT] if found else "",
        began=began,
        ended=states[-1].ended,
        how=how(states[-1]),
        total=len(members),
        polls=polls,
    )


def rest_of_session(file: FollowedCassette, number: int) -> list[int]:
    """The exchanges from one on that are in its session."""
    session = file.session(number)
    assert session is not None  # its job is known
    members = file.grouping.sessions.exchanges(session)
    return [one for one in members[bisect_left(members, number) :] if one < len(file.cassette)]


def poll(id_: str, at: int, state: JobState) -> PollView:
    """The state of the job in one response, with its texts cut."""
    return PollView(
        id=id_,
        at=at,
        status=state.status[:LONGEST_TEXT],
        progress=state.progress,
        step=state.step[:LONGEST_TEXT],
        message=state.message[:LONGEST_TEXT],
        http_status=state.http,
        result=state.result is not None,
        error=error_text(state.error),
    )


def how(last: JobState) -> str:
    """How the job ended, from its last state."""
    if last.failed:
        return f"status {last.http}"
    return (last.status or "ended") if last.ended else "unfinished"


def error_text(error: Any) -> str:
    """The job's error as text: a string as it is, anything else as JSON."""
    if error is None:
        return ""
    return (error if isinstance(error, str) else msgspec.json.encode(error).decode())[:LONGEST_TEXT]
