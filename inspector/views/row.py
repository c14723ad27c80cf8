"""A row of the table of exchanges, as the API sends it."""

from __future__ import annotations

import msgspec

from inspector.workspace.followed_cassette import FollowedCassette, Kind


class ExchangeRow(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange at a glance. Times are microseconds, `began` since its recording began.

    `began_at` is the time of day, since 1970 in UTC, and None where the recording does not say when it began.
    `session` and `job` are None until the exchange is indexed; `job` is the id of the exchange that began the job.
    `how` is "unfinished" until the end is recorded.
    """

    id: str
    session: str | None
    job: str | None
    kind: Kind
    method: str
    host: str
    target: str
    status: int | None
    media_type: str
    events: int
    heartbeats: int
    errors: int
    chunks: int
    bytes: int
    began: int
    began_at: int | None
    duration: int
    first_event: int | None
    how: str
    lossy: bool


def row_of(file: FollowedCassette, number: int) -> ExchangeRow:
    """The row of an exchange; raises CassetteError when it is not indexed yet and cannot be read."""
    facts = file.facts(number)
    session, job, recorded_at = file.session(number), file.job(number), file.recorded_at(number)
    return ExchangeRow(
        id=f"{file.number}.{number}",
        session=None if session is None else f"{file.number}.{session}",
        job=None if job is None else f"{file.number}.{job}",
        kind="stream" if facts.stream else "plain" if job is None else "job",
        method=facts.method,
        host=facts.host,
        target=facts.target,
        status=facts.status,
        media_type=facts.media_type,
        events=facts.events,
        heartbeats=facts.heartbeats,
        errors=facts.errors,
        chunks=facts.chunks,
        bytes=facts.bytes,
        began=facts.began,
        began_at=None if recorded_at is None else recorded_at + facts.began,
        duration=facts.duration,
        first_event=facts.first_event,
        how=facts.how or "unfinished",
        lossy=facts.lossy,
    )
