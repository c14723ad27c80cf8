"""The process that compares two exchanges: it aligns their moments, and finds what differs in each pair.

In the inspector's own process a large comparison would delay the page, and on a replay's admin listener the replay.
"""

from __future__ import annotations

import sys
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Literal

import msgspec

from cassettes.answers.protocol_end import completed
from cassettes.file.reader import Cassette
from cassettes.views import timeline
from comparison.conversation.recorded_sessions import Conversation, Exchanges
from comparison.conversation.token_correspondence import Correspondence
from comparison.exchange.exchange_diff import exchange_differences
from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.stream_diff import StreamPair
from comparison.questions import QuestionReader
from comparison.result import Comparison, Difference, Uncompared, Verdict
from comparison.rules.comparison_rules import STRICT
from foundation.digests import Digest
from foundation.errors import CassetteError
from foundation.http.urls import target
from foundation.processes import prepare_worker, receive_frame, send_frame
from inspector.request_errors import TooLarge
from inspector.views.row import ExchangeRow
from inspector.workspace.followed_cassette import identity_of
from inspector.workspace.response_timeline import ResponseTimeline, ShownMoment

LARGEST_BODY = 16 << 20
"""Bytes of a body that can be compared."""

MOST_MOMENTS = 10_000
"""Moments of a response that can be compared."""

MOST_SHOWN = 1000
"""Moments of a side, and differences, in one view."""

MOST_OPEN = 4
"""Cassettes that are kept open."""

NICENESS = 5
"""How much lower the priority of the process is than that of the page and of the traffic."""

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


class ComparedSide(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange of a cassette; `members` are those of its session that are searched for tokens.

    `row` is its row in JSON. `public` has the digests of the values that belong to no session.
    """

    path: str
    number: int
    session: int
    members: list[int]
    public: list[Digest]
    row: bytes


class DiffTask(msgspec.Struct, frozen=True):
    """Two exchanges that are to be compared."""

    left: ComparedSide
    right: ComparedSide


class Compared(msgspec.Struct, frozen=True, tag=True):
    """The result: a DiffView in JSON."""

    json: bytes


class NotCompared(msgspec.Struct, frozen=True, tag=True):
    """Why exchanges were not compared, and whether they are too large for it."""

    reason: str
    too_large: bool


type DiffOutcome = Compared | NotCompared

_decode = msgspec.msgpack.Decoder(DiffTask).decode
_encode = msgspec.msgpack.Encoder().encode


def main() -> None:
    """Compare what each message on stdin names, write the outcome to stdout, and end when stdin ends."""
    prepare_worker(NICENESS)
    cassettes = OpenCassettes()
    with suppress(BrokenPipeError):
        while (message := receive_frame(sys.stdin.buffer)) is not None:
            send_frame(sys.stdout.buffer, _encode(outcome(cassettes, _decode(message))))


class OpenCassettes:
    """Keeps the cassettes that were compared last open, `MOST_OPEN` at most; those that grow are read on."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[str, tuple[int, int]], Cassette] = OrderedDict()

    def get(self, path: str) -> Cassette:
        """The cassette at a path as it is now; raises CassetteError."""
        state = identity_of(Path(path))
        if state is None:
            raise CassetteError(f"{path}: is not there any more")
        key = (path, state.inode)
        cassette = self._open.pop(key, None)
        if cassette is not None and cassette.size <= state.size:
            cassette.refresh()
        else:
            cassette = Cassette.open(Path(path))
        self._open[key] = cassette
        if len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)[1].close()
        return cassette


def outcome(cassettes: OpenCassettes, task: DiffTask) -> DiffOutcome:
    """Compare two exchanges."""
    try:
        return Compared(msgspec.json.encode(compared(cassettes, task)))
    except TooLarge as error:
        return NotCompared(str(error), too_large=True)
    except CassetteError as error:
        return NotCompared(str(error), too_large=False)


def compared(cassettes: OpenCassettes, task: DiffTask) -> DiffView:
    """The view of two exchanges; raises TooLarge, CassetteError."""
    sides = [OpenedSide(cassettes.get(side.path), side) for side in (task.left, task.right)]
    exchanges = exchange_pair(*sides)
    found = list(exchange_differences(exchanges))
    differences = [one for one in found if isinstance(one, Difference) and one.aspect in STRICT.aspects]
    uncompared = [one for one in found if isinstance(one, Uncompared)]
    result = Comparison(exchanges=1, differences=tuple(differences), uncompared=tuple(uncompared))
    return DiffView(
        verdict=result.verdict,
        pairs=list(moment_pairs(exchanges, differences, [side.timeline for side in sides])),
        differences=differences[:MOST_SHOWN],
        uncompared=uncompared[:MOST_SHOWN],
        left=sides[0].view(),
        right=sides[1].view(),
    )


class OpenedSide:
    """One side, with the timeline of its response; raises TooLarge where that is too long."""

    def __init__(self, cassette: Cassette, side: ComparedSide) -> None:
        self._side = side
        self.session = side.session
        self.timeline = ResponseTimeline(cassette, side.number)
        for _ in self.timeline.read_on():
            if self.timeline.size > LARGEST_BODY or self.timeline.moments > MOST_MOMENTS:
                raise TooLarge(
                    f"{self.timeline.request.method} {target(self.timeline.request.url)[:200]} is too large to compare:"
                    f" it has more than {LARGEST_BODY >> 20} MiB or {MOST_MOMENTS} events"
                )
        self.exchange = completed(cassette.exchange(side.number))
        some = Exchanges(cassette, side.members)
        self.tokens = Conversation(side.session, some, frozenset(side.public)).tokens

    def view(self) -> SideView:
        """The side with the first `MOST_SHOWN` moments of its timeline."""
        own = self.timeline
        row = msgspec.json.decode(self._side.row, type=ExchangeRow)
        return SideView(row=row, count=own.moments, end=own.ended, moments=own.page(0, MOST_SHOWN))


def exchange_pair(left: OpenedSide, right: OpenedSide) -> ExchangePair:
    """Both exchanges as `comparison` takes them, with the tokens of one side assigned to those of the other."""
    return ExchangePair(
        rules=STRICT,
        tokens=Correspondence(left.tokens, right.tokens),
        sessions=(left.session, right.session),
        request=QuestionReader(left.tokens, STRICT).question(left.exchange).request,
        recorded=left.exchange,
        live=right.exchange,
    )


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
