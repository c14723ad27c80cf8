"""Two exchanges beside each other. A process of its own compares them, so that nothing waits for it."""

from __future__ import annotations

from bisect import bisect_left
from typing import Annotated

import msgspec

from foundation.errors import CassetteError
from inspector.request_errors import TooLarge
from inspector.views import diff_worker
from inspector.views.diff_worker import Compared, ComparedSide, DiffOutcome, DiffTask, DiffView
from inspector.views.parameters import DiffParameters
from inspector.views.row import row_of
from inspector.workspace.followed_cassette import FollowedCassette
from inspector.workspace.workspace import Workspace

MOST_SEARCHED = 300
"""Exchanges of a session that are searched for its tokens, around the one that is compared."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(DiffOutcome).decode


async def diff(workspace: Workspace, parameters: DiffParameters) -> Annotated[msgspec.Raw, DiffView]:
    """Compare two exchanges; returns a DiffView in JSON, raises Missing, TooLarge, CassetteError."""
    sides = [side(*workspace.find(id_)) for id_ in (parameters.left, parameters.right)]
    answer = _decode(await workspace.workers.call(diff_worker.__name__, _encode(DiffTask(*sides))))
    if isinstance(answer, Compared):
        return msgspec.Raw(answer.json)
    raise (TooLarge if answer.too_large else CassetteError)(answer.reason)


def side(file: FollowedCassette, number: int) -> ComparedSide:
    """What the process needs to know of an exchange."""
    session = file.session(number)
    return ComparedSide(
        path=str(file.path),
        number=number,
        session=session or 0,
        members=members(file, number),
        public=sorted(file.grouping.sessions.public),
        row=msgspec.json.encode(row_of(file, number)),
    )


def members(file: FollowedCassette, number: int) -> list[int]:
    """The exchanges of the session of an exchange, as many as are searched for tokens."""
    session = file.session(number)
    if session is None:
        return [number]
    found = file.grouping.sessions.exchanges(session)
    place = bisect_left(found, number)
    first = max(0, min(place - MOST_SEARCHED // 2, len(found) - MOST_SEARCHED))
    return list(found[first : first + MOST_SEARCHED])
