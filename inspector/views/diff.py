"""Two exchanges beside each other: their moments aligned, and in what they differ."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Literal

import msgspec

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

LARGEST = 16 << 20
"""Bytes of a body that is compared."""

MOST_MOMENTS = 10_000
"""Moments of an answer that is compared."""

MOST_TOLD = 1000
"""Moments of a side that are told unasked, and differences."""

MOST_EXCHANGES = 300
"""Exchanges of a session in which its tokens are looked for."""

HEAD = frozenset({"status", "headers", "cookies", "content-type"})
ENDING = frozenset({"ending"})

type What = Literal["same", "changed", "missing", "extra", "moved"]


class MomentPair(msgspec.Struct, kw_only=True):
    """Moments that belong together, by their numbers; None where a side has none."""

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


async def diff(workspace: Workspace, asked: DiffParameters) -> DiffView:
    """Compare two exchanges."""
    left, right = workspace.find(asked.left), workspace.find(asked.right)
    courses = [await workspace.course(*side) for side in (left, right)]
    for id_, course in zip((asked.left, asked.right), courses, strict=True):
        if course.size > LARGEST or course.moments > MOST_MOMENTS:
            raise TooLarge(
                f"exchange {id_} is too large to compare: it has more than {LARGEST >> 20} MiB or events"
            )
    return await asyncio.to_thread(compared, left, right, courses)


def compared(
    left: tuple[FollowedCassette, int],
    right: tuple[FollowedCassette, int],
    courses: Sequence[ResponseTimeline],
) -> DiffView:
    """What comes of two exchanges."""
    answers = answers_of(left, right)
    found = list(exchange_differences(answers))
    differences = [one for one in found if isinstance(one, Difference) and one.aspect in STRICT.aspects]
    uncompared = [one for one in found if isinstance(one, Uncompared)]
    outcome = Comparison(exchanges=1, differences=tuple(differences), uncompared=tuple(uncompared))
    sides = [side_view(*side, course) for side, course in zip((left, right), courses, strict=True)]
    return DiffView(
        verdict=outcome.verdict,
        pairs=list(pairs(answers, differences, courses)),
        differences=differences[:MOST_TOLD],
        uncompared=uncompared[:MOST_TOLD],
        left=sides[0],
        right=sides[1],
    )


def side_view(file: FollowedCassette, number: int, course: ResponseTimeline) -> SideView:
    """What is told of a side."""
    return SideView(
        row=row_of(file, number), count=course.moments, end=course.ended, moments=course.page(0, MOST_TOLD)
    )


def answers_of(left: tuple[FollowedCassette, int], right: tuple[FollowedCassette, int]) -> ExchangePair:
    """Both answers as they are compared: the tokens of one side stand for those of the other."""
    tokens = [conversation(*side).tokens for side in (left, right)]
    recorded, live = (file.cassette.exchange(number) for file, number in (left, right))
    return ExchangePair(
        rules=STRICT,
        tokens=Correspondence(*tokens),
        sessions=(left[0].session(left[1]) or 0, right[0].session(right[1]) or 0),
        request=QuestionReader(tokens[0], STRICT).question(recorded).request,
        recorded=recorded,
        live=live,
    )


def conversation(file: FollowedCassette, number: int) -> Conversation:
    """The session of an exchange, as far as its tokens are looked for in it."""
    session = file.session(number)
    members = [number] if session is None else file.ties.sessions.exchanges(session)
    place = bisect_left(members, number)
    first = max(0, min(place - MOST_EXCHANGES // 2, len(members) - MOST_EXCHANGES))
    some = members[first : first + MOST_EXCHANGES]
    return Conversation(session or 0, Exchanges(file.cassette, some), file.ties.sessions.public)


def pairs(
    answers: ExchangePair, differences: Sequence[Difference], courses: Sequence[ResponseTimeline]
) -> Iterator[MomentPair]:
    """The moments of both sides, aligned, each pair with what differs in it."""
    heads = [None if side.response is None else 0 for side in (answers.recorded, answers.live)]
    if heads != [None, None]:
        yield pair(heads[0], heads[1], [one for one in differences if one.aspect in HEAD])
    if all(map(timeline.is_event_stream, (answers.recorded, answers.live))):
        yield from stream_pairs(StreamPair(answers), differences)
    else:
        found = [one for one in differences if one.aspect not in HEAD | ENDING]
        yield from body_pairs(answers, [head is not None for head in heads], found)
    ends = [course.moments - 1 if course.ended else None for course in courses]
    if ends != [None, None]:
        yield pair(ends[0], ends[1], [one for one in differences if one.aspect in ENDING])


def pair(
    left: int | None, right: int | None, found: Sequence[Difference], *, moved: bool = False
) -> MomentPair:
    """A pair, with what it is by its sides."""
    what: What = "moved" if moved else "changed" if found else "same"
    if left is None or right is None:
        what = "missing" if right is None else "extra"
    return MomentPair(left=left, right=right, what=what, differences=list(found))


def stream_pairs(streams: StreamPair, differences: Iterable[Difference]) -> Iterator[MomentPair]:
    """The events of two streams; their moments come after the head's."""
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
    """The number of an event's moment."""
    return None if place is None else place + 1


def body_pairs(
    answers: ExchangePair, heads: Sequence[bool], found: Sequence[Difference]
) -> Iterator[MomentPair]:
    """The parts of two bodies in their order; what differs is told with the first."""
    left, right = (range(head, head + count) for head, count in zip(heads, parts(answers), strict=True))
    for place, (one, other) in enumerate(zip_longest(left, right)):
        yield pair(one, other, found if place == 0 else [])


def parts(answers: ExchangePair) -> list[int]:
    """How many moments each body has: its events, or its chunks."""
    return [
        len(list(timeline.events(side))) if timeline.is_event_stream(side) else len(side.chunks)
        for side in (answers.recorded, answers.live)
    ]
