"""What the page asks for, as functions: the files, one exchange, and the course of its answer."""

from __future__ import annotations

from bisect import bisect_left

import msgspec

from cassettes import model
from foundation.http.headers import Headers
from foundation.web.parameters import Parameters
from inspector.request_errors import Missing
from inspector.views.curl import curl
from inspector.views.parameters import PageParameters
from inspector.views.row import ExchangeRow, row_of
from inspector.workspace.content import AT_ONCE, LONGEST, BodyContent, content
from inspector.workspace.followed_cassette import FollowedCassette
from inspector.workspace.response_timeline import (
    LARGEST_PAGE,
    ResponseTimeline,
    ShownChunk,
    ShownMoment,
    chunk_of,
)
from inspector.workspace.workspace import Workspace


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
    """What is missing from the recording."""

    at: int
    reason: str
    records: int
    bytes: int


class ExchangeView(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange; `previous` and `next` are the ids of those beside it in its session."""

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
    """A part of the course of an answer; `count` are the moments so far, `end` whether there will be no more."""

    count: int
    end: bool
    moments: list[ShownMoment]


class ChunksPage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the chunks of an answer."""

    count: int
    end: bool
    chunks: list[ShownChunk]


async def exchange(workspace: Workspace, _asked: Parameters, id_: str) -> ExchangeView:
    """Tell the request, the head of the response and the beginning of its body."""
    file, number = workspace.find(id_)
    course = await workspace.course(file, number)
    request, head, end = course.request, course.response, course.end
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
        response=None if head is None else response_view(head, request.at, course),
        how="unfinished" if end is None else end.how,
        message="" if end is None else end.message,
        losses=[
            LossView(at=loss.at - request.at, reason=loss.reason, records=loss.records, bytes=loss.bytes)
            for loss in course.losses
        ],
        curl=curl(request),
        previous=previous,
        next=following,
    )


def response_view(head: model.Response, asked_at: int, course: ResponseTimeline) -> ResponseView:
    """What is told of a response."""
    return ResponseView(
        at=head.at - asked_at,
        status=head.status,
        reason=head.reason,
        http=head.http,
        headers=head.headers,
        body=content(beginning(course, AT_ONCE + 4), course.size),
    )


def beginning(course: ResponseTimeline, most: int) -> bytes:
    """The first bytes of a body."""
    data = bytearray()
    for piece in course.pieces(0):
        data += piece.data[:most]
        if len(data) >= most:
            break
    return bytes(data)


def neighbours(file: FollowedCassette, number: int) -> tuple[str | None, str | None]:
    """The ids of the exchanges before and after one in its session."""
    session = file.session(number)
    if session is None:
        return None, None
    members = file.ties.sessions.exchanges(session)
    place = bisect_left(members, number)
    beside = (place - 1, place + 1)
    before, after = (f"{file.number}.{members[one]}" if 0 <= one < len(members) else None for one in beside)
    return before, after


async def moments(workspace: Workspace, asked: PageParameters, id_: str) -> MomentsPage:
    """Tell what happened, from the head of the response on."""
    course = await workspace.course(*workspace.find(id_))
    return MomentsPage(count=course.moments, end=course.ended, moments=course.page(asked.since, asked.limit))


async def moment(workspace: Workspace, _asked: Parameters, id_: str, number: str) -> BodyContent:
    """Tell the whole data of one moment."""
    course = await workspace.course(*workspace.find(id_))
    found = next(course.read(int(number)), None)
    if found is None:
        raise Missing(f"there is no moment {number} in exchange {id_}")
    return content(found.data.encode("utf-8", "surrogatepass"), most=LONGEST)


async def chunks(workspace: Workspace, asked: PageParameters, id_: str) -> ChunksPage:
    """Tell the chunks of a body as they arrived."""
    course = await workspace.course(*workspace.find(id_))
    found: list[ShownChunk] = []
    size = 0
    for piece in course.pieces(asked.since):
        size += min(len(piece.data), LARGEST_PAGE)
        if len(found) == asked.limit or (found and size > LARGEST_PAGE):
            break
        found.append(chunk_of(piece))
    return ChunksPage(count=course.chunks, end=course.ended, chunks=found)
