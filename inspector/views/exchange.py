"""One exchange: its request and response, the moments and the chunks of its response."""

from __future__ import annotations

import asyncio
from bisect import bisect_left

import msgspec

from cassettes import model
from foundation.http.headers import Headers
from foundation.web.parameters import Parameters
from inspector.request_errors import Missing
from inspector.views.curl import curl
from inspector.views.parameters import BodyParameters, PageParameters
from inspector.views.row import ExchangeRow, row_of
from inspector.workspace.content import DEFAULT_LENGTH, LONGEST, BodyContent, content
from inspector.workspace.followed_cassette import FollowedCassette
from inspector.workspace.response_timeline import (
    LARGEST_PAGE,
    ResponseTimeline,
    ShownChunk,
    ShownMoment,
    shown_chunk,
)
from inspector.workspace.workspace import Workspace

LONGEST_CHARACTER = 4
"""Bytes of a character in UTF-8 (RFC 3629, 3): a beginning with as many more shows whether the last one is cut."""


class RequestView(msgspec.Struct, frozen=True, kw_only=True):
    """A request; `at` is microseconds since its recording began."""

    at: int
    method: str
    url: str
    http: str
    headers: Headers
    body: BodyContent


class ResponseView(msgspec.Struct, frozen=True, kw_only=True):
    """A response; `at` is microseconds since the whole request."""

    at: int
    status: int
    reason: str
    http: str
    headers: Headers
    body: BodyContent


class LossView(msgspec.Struct, frozen=True, kw_only=True):
    """Records and bytes that could not be recorded, `at` microseconds after the whole request."""

    at: int
    reason: str
    records: int
    bytes: int


class ExchangeView(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange; `previous` and `next` are the ids of its neighbours in its session."""

    row: ExchangeRow
    request: RequestView
    response: ResponseView | None
    how: str
    message: str
    losses: list[LossView]
    curl: str
    previous: str | None
    next: str | None


class MomentsPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the moments of a response; there are `count` so far, and no more will come when `end` is true."""

    count: int
    end: bool
    moments: list[ShownMoment]


class ChunksPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the chunks of a response; `count` and `end` are as in MomentsPage."""

    count: int
    end: bool
    chunks: list[ShownChunk]


async def exchange(workspace: Workspace, _parameters: Parameters, id_: str) -> ExchangeView:
    """The request, the head of the response and the beginning of its body; raises Missing, CassetteError."""
    file, number = workspace.find(id_)
    timeline = await workspace.timeline(file, number)
    request, head, end = timeline.request, timeline.response, timeline.end
    previous, following = neighbours(file, number)
    return ExchangeView(
        row=row_of(file, number),
        request=RequestView(
            at=request.at,
            method=request.method,
            url=request.url,
            http=request.http,
            headers=request.headers,
            body=content(request.body),
        ),
        response=None if head is None else response_view(head, request.at, timeline),
        how=timeline.how,
        message="" if end is None else end.message,
        losses=[
            LossView(at=loss.at - request.at, reason=loss.reason, records=loss.records, bytes=loss.bytes)
            for loss in timeline.losses
        ],
        curl=curl(request),
        previous=previous,
        next=following,
    )


def response_view(head: model.Response, requested_at: int, timeline: ResponseTimeline) -> ResponseView:
    """The head of a response and the beginning of its body; `requested_at` is the time of the whole request."""
    return ResponseView(
        at=head.at - requested_at,
        status=head.status,
        reason=head.reason,
        http=head.http,
        headers=head.headers,
        body=content(first_bytes(timeline, DEFAULT_LENGTH + LONGEST_CHARACTER), timeline.size),
    )


def first_bytes(timeline: ResponseTimeline, most: int) -> bytes:
    """At least `most` bytes of the beginning of a body, where it has as many."""
    data = bytearray()
    for span in timeline.spans(0):
        data += span.data[:most]
        if len(data) >= most:
            break
    return bytes(data)


def neighbours(file: FollowedCassette, number: int) -> tuple[str | None, str | None]:
    """The ids of the exchanges before and after one in its session, None where there is none."""
    session = file.session(number)
    if session is None:
        return None, None
    members = file.grouping.sessions.exchanges(session)
    place = bisect_left(members, number)
    beside = (place - 1, place + 1)
    before, after = (f"{file.number}.{members[one]}" if 0 <= one < len(members) else None for one in beside)
    return before, after


async def moments(workspace: Workspace, parameters: PageParameters, id_: str) -> MomentsPage:
    """A page of the moments of a response; raises Missing, CassetteError."""
    timeline = await workspace.timeline(*workspace.find(id_))
    return MomentsPage(
        count=timeline.moments, end=timeline.ended, moments=timeline.page(parameters.since, parameters.limit)
    )


async def moment(workspace: Workspace, _parameters: Parameters, id_: str, number: str) -> BodyContent:
    """All data of one moment, 16 MiB at most; raises Missing, CassetteError."""
    timeline = await workspace.timeline(*workspace.find(id_))
    found = next(timeline.read(int(number)), None)
    if found is None:
        raise Missing(f"there is no moment {number} in exchange {id_}")
    return content(found.data.encode("utf-8", "surrogatepass"), most=LONGEST)


async def body(workspace: Workspace, parameters: BodyParameters, id_: str) -> BodyContent:
    """The body of the request or of the response, 16 MiB of it at most; raises Missing, CassetteError."""
    timeline = await workspace.timeline(*workspace.find(id_))
    if parameters.side == "request":
        return content(timeline.request.body, most=LONGEST)
    data = await asyncio.to_thread(first_bytes, timeline, LONGEST + LONGEST_CHARACTER)
    return content(data, timeline.size, LONGEST)


async def chunks(workspace: Workspace, parameters: PageParameters, id_: str) -> ChunksPage:
    """A page of the chunks of a response as they arrived; raises Missing, CassetteError."""
    timeline = await workspace.timeline(*workspace.find(id_))
    found: list[ShownChunk] = []
    size = 0
    for span in timeline.spans(parameters.since):
        size += min(len(span.data), LARGEST_PAGE)
        if len(found) == parameters.limit or (found and size > LARGEST_PAGE):
            break
        found.append(shown_chunk(span))
    return ChunksPage(count=timeline.chunks, end=timeline.ended, chunks=found)
