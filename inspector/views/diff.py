"""Two exchanges beside each other: their moments aligned, and what differs in each pair."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Literal

import msgspec

from cassettes.answers.protocol_end import completed
from cassettes.views import timeline
from comparison.conversation.recorded_sessions import Conversation, Exchanges
from comparison.conversation.token_correspondence import Correspondence
from comparison.exchange.exchange_diff import exchange_differences
from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.stream_diff import StreamPair
from comparison.questions import QuestionReader
from comparison.result import Comparison, Difference, Uncompared, Verdict
from comparison.rules.comparison_rules import STRICT
from inspector.request_errors import TooLarge
from inspector.views.parameters import DiffParameters
from inspector.views.row import ExchangeRow, row_of
from inspector.workspace.followed_cassette import FollowedCassette
from inspector.workspace.response_timeline import ResponseTimeline, ShownMoment
from inspector.workspace.workspace import Workspace

LARGEST_BODY = 16 << 20
"""Bytes of a body that can be compared."""

MOST_MOMENTS = 10_000
"""Moments of a response that can be compared."""

MOST_SHOWN = 1000
"""Moments of a side, and differences, in one view."""

MOST_SEARCHED = 300
"""Exchanges of a session that are searched for its tokens, around the one that is compared."""

HEAD = frozenset({"status", "headers", "cookies", "content-type"})
ENDING = frozenset({"ending"})

type What = Literal["same", "changed", "missing", "extra", "moved"]


class MomentPair(msgspec.Struct, kw_only=True):
    """Moments that are aligned, by their numbers; None where a side has none."""

    left: int | None
    right: int | None
    what: What
    differences: list[Difference] = []


class SideView(msgspec.Struct, frozen=True, kw_only=True):
    """One side: its first moments, of `count`."""

    row: ExchangeRow
    count: int
    end: bool
    moments: list[ShownMoment]


class DiffView(msgspec.Struct, frozen=True, kw_only=True):
    """Two exchanges; heartbeats are in no pair. `differences` are all that were found, also those in pairs."""

    verdict: Verdict
    pairs: list[MomentPair]
    differences: list[Difference]
    uncompared: list[Uncompared]
    left: SideView
    right: SideView


async def diff(workspace: Workspace, parameters: DiffParameters) -> DiffView:
    """Compare two exchanges; raises Missing, TooLarge, CassetteError."""
    left, right = workspace.find(parameters.left), workspace.find(parameters.right)
    timelines = [await workspace.timeline(*side) for side in (left, right)]
    for id_, side in zip((parameters.left, parameters.right), timelines, strict=True):
        if side.size > LARGEST_BODY or side.moments > MOST_MOMENTS:
            raise TooLarge(
                f"exchange {id_} is too large to compare: it has more than {LARGEST_BODY >> 20} MiB or events"
            )
    return await asyncio.to_thread(diff_view, left, right, timelines)


def diff_view(
    left: tuple[FollowedCassette, int],
    right: tuple[FollowedCassette, int],
    timelines: Sequence[ResponseTimeline],
) -> DiffView:
    """The view of two exchanges with the timelines of their responses; raises CassetteError."""
    exchanges = exchange_pair(left, right)
    found = list(exchange_differences(exchanges))
    differences = [one for one in found if isinstance(one, Difference) and one.aspect in STRICT.aspects]
    uncompared = [one for one in found if isinstance(one, Uncompared)]
    outcome = Comparison(exchanges=1, differences=tuple(differences), uncompared=tuple(uncompared))
    sides = [side_view(*side, own) for side, own in zip((left, right), timelines, strict=True)]
    return DiffView(
        verdict=outcome.verdict,
        pairs=list(moment_pairs(exchanges, differences, timelines)),
        differences=differences[:MOST_SHOWN],
        uncompared=uncompared[:MOST_SHOWN],
        left=sides[0],
        right=sides[1],
    )


def side_view(file: FollowedCassette, number: int, own: ResponseTimeline) -> SideView:
    """A side with the first `MOST_SHOWN` moments of its timeline."""
    return SideView(
        row=row_of(file, number), count=own.moments, end=own.ended, moments=own.page(0, MOST_SHOWN)
    )


def exchange_pair(left: tuple[FollowedCassette, int], right: tuple[FollowedCassette, int]) -> ExchangePair:
    """Both exchanges as `comparison` takes them, with the tokens of one side assigned to those of the other."""
    tokens = [conversation(*side).tokens for side in (left, right)]
    recorded, live = (completed(file.cassette.exchange(number)) for file, number in (left, right))
    return ExchangePair(
        rules=STRICT,
        tokens=Correspondence(*tokens),
        sessions=(left[0].session(left[1]) or 0, right[0].session(right[1]) or 0),
        request=QuestionReader(tokens[0], STRICT).question(recorded).request,
        recorded=recorded,
        live=live,
    )


def conversation(file: FollowedCassette, number: int) -> Conversation:
    """The session of an exchange, cut to the exchanges that are searched for tokens."""
    session = file.session(number)
    members = [number] if session is None else file.grouping.sessions.exchanges(session)
    place = bisect_left(members, number)
    first = max(0, min(place - MOST_SEARCHED // 2, len(members) - MOST_SEARCHED))
    some = members[first : first + MOST_SEARCHED]
    return Conversation(session or 0, Exchanges(file.cassette, some), file.grouping.sessions.public)


def moment_pairs(
    exchanges: ExchangePair, differences: Sequence[Difference], timelines: Sequence[ResponseTimeline]
) -> Iterator[MomentPair]:
    """The aligned moments of both sides, each pair with its differences: heads, then bodies, then ends."""
    heads = [None if side.response is None else 0 for side in (exchanges.recorded, exchanges.live)]
    if heads != [None, None]:
        yield pair(heads[0], heads[1], [one for one in differences if one.aspect in HEAD])
    if all(map(timeline.is_event_stream, (exchanges.recorded, exchanges.live))):
        yield from stream_pairs(StreamPair(exchanges), differences)
    else:
        found = [one for one in differences if one.aspect not in HEAD | ENDING]
        yield from body_pairs(exchanges, [head is not None for head in heads], found)
    ends = [own.moments - 1 if own.ended else None for own in timelines]
    if ends != [None, None]:
        yield pair(ends[0], ends[1], [one for one in differences if one.aspect in ENDING])


def pair(
    left: int | None, right: int | None, found: Sequence[Difference], *, moved: bool = False
) -> MomentPair:
    """A pair; `what` follows from which sides it has and from its differences."""
    what: What = "moved" if moved else "changed" if found else "same"
    if left is None or right is None:
        what = "missing" if right is None else "extra"
    return MomentPair(left=left, right=right, what=what, differences=list(found))


def stream_pairs(streams: StreamPair, differences: Iterable[Difference]) -> Iterator[MomentPair]:
    """The pairs of the events of two streams."""
    of_left: dict[int | None, list[Difference]] = defaultdict(list)
    of_right: dict[int | None, list[Difference]] = defaultdict(list)
    for one in differences:
        if one.live_at.event is not None:
            of_right[one.live_at.event].append(one)
        elif one.at.event is not None:
            of_left[one.at.event].append(one)
    for edit in streams.edits:
        left = None if edit.left is None else streams.recorded[edit.left].place
        right = None if edit.right is None else streams.live[edit.right].place
        found = [*of_left[left], *of_right[right]]
        yield pair(after_head(left), after_head(right), found, moved=edit.what == "moved")


def after_head(place: int | None) -> int | None:
    """The number of the moment of the event at a place: the head is moment 0."""
    return None if place is None else place + 1


def body_pairs(
    exchanges: ExchangePair, heads: Sequence[bool], found: Sequence[Difference]
) -> Iterator[MomentPair]:
    """The events or chunks of two bodies in their order; the first pair has all differences."""
    left, right = (
        range(head, head + count) for head, count in zip(heads, body_lengths(exchanges), strict=True)
    )
    for place, (one, other) in enumerate(zip_longest(left, right)):
        yield pair(one, other, found if place == 0 else [])


def body_lengths(exchanges: ExchangePair) -> list[int]:
    """The number of moments of each body: its events, or its chunks."""
    return [
        len(list(timeline.events(side))) if timeline.is_event_stream(side) else len(side.chunks)
        for side in (exchanges.recorded, exchanges.live)
    ]
