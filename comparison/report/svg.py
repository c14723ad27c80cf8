"""Lays out two tracks above each other on one scale: where each moment is drawn, and where a difference is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from comparison.report.tracks import Point, Spot, Tracks
from comparison.result import Difference, Place

WIDTH, MARGIN = 1000, 20
"""Width of the drawing, and the space at both sides of its tracks, in units of the drawing."""

MOST_MARKS = 300
"""Moments of one side that are drawn."""

MOST_TICKS = 10
"""Times on the scale."""

LABEL_DISTANCE = 20.0
"""Least distance from one label to the next, in units of the drawing."""

HEAD_ASPECTS = frozenset({"status", "headers", "cookies", "content-type"})
"""Aspects whose differences are in the head of a response."""

ONLY_THERE = ({"removed"}, {"added", "duplicated"})
"""Changes of events that only the recorded side has, and those of events that only the live side has."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A moment as it is drawn at `x`; `number` is that of the first difference there in the report, 0 for none.

    `label` tells whether there is room to write the number.
    """

    x: float
    title: str
    number: int
    change: str
    label: bool = False


class Link(msgspec.Struct, frozen=True):
    """A line between two moments that correspond, by where they are drawn."""

    x: float
    live_x: float
    differs: bool


class Tick(msgspec.Struct, frozen=True):
    """A time on the scale, and where it is drawn."""

    x: float
    name: str


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """Two time lines on one scale; `left_out` counts the moments that are not drawn."""

    title: str
    recorded: Sequence[Mark]
    live: Sequence[Mark]
    links: Sequence[Link]
    ticks: Sequence[Tick]
    left_out: int


class Marked(msgspec.Struct, frozen=True):
    """The first difference at a spot: its number in the report, and its change."""

    number: int
    change: str


def draw(
    tracks: Tracks, title: str, numbered: Iterable[tuple[int, Difference]], most_marks: int = MOST_MARKS
) -> Drawing:
    """Returns the drawing of two tracks, with at most `most_marks` moments of each side.

    `numbered` are the differences of their session, with their numbers in the report.
    """
    recorded_marked, live_marked = marked(
        numbered, {point.spot for point in tracks.recorded}, {point.spot for point in tracks.live}
    )
    last = max((point.at for point in (*tracks.recorded, *tracks.live)), default=0)
    scale = (WIDTH - 2 * MARGIN) / max(last, 1)
    recorded, live = (
        {point.spot: mark(point, scale, found) for point in chosen(side, found, most_marks)}
        for side, found in ((tracks.recorded, recorded_marked), (tracks.live, live_marked))
    )
    links = [
        Link(recorded[spot].x, live[live_spot].x, bool(recorded[spot].number and live[live_spot].number))
        for spot, live_spot in tracks.links
        if spot in recorded and live_spot in live
    ]
    return Drawing(
        title=title,
        recorded=labelled(recorded.values()),
        live=labelled(live.values()),
        links=links,
        ticks=list(ticks(last, scale)),
        left_out=len(tracks.recorded) + len(tracks.live) - len(recorded) - len(live),
    )


def marked(
    numbered: Iterable[tuple[int, Difference]], recorded: set[Spot], live: set[Spot]
) -> tuple[dict[Spot, Marked], dict[Spot, Marked]]:
    """Returns the first difference at each spot, of the recorded and of the live side.

    A difference is marked on both sides, but for events that only one side has.
    """
    recorded_marked: dict[Spot, Marked] = {}
    live_marked: dict[Spot, Marked] = {}
    for number, one in numbered:
        sides = (
            (recorded, recorded_marked, one.at, one.live_at),
            (live, live_marked, one.live_at, one.at),
        )
        for side, (spots, found, at, other_at) in enumerate(sides):
            spot = spot_of(one, at, spots)
            only_on_other_side = one.aspect == "events" and one.change in ONLY_THERE[1 - side]
            in_event_of_other_side = at.event is None and other_at.event is not None
            if spot in spots and not only_on_other_side and not in_event_of_other_side:
                found.setdefault(spot, Marked(number, one.change))
    return recorded_marked, live_marked


def spot_of(one: Difference, at: Place, spots: set[Spot]) -> Spot:
    """Returns where a difference is drawn: at its event, head or end; of a poll, only the end is drawn."""
    exchange = -1 if at.exchange is None else at.exchange
    part = at.event if at.event is not None else "head" if one.aspect in HEAD_ASPECTS else "end"
    return (exchange, part) if (exchange, part) in spots else (exchange, "end")


def chosen(side: Sequence[Point], found: Mapping[Spot, Marked], most: int) -> list[Point]:
    """Returns the moments of one side that are drawn: those with differences first, then those at the beginning."""
    if len(side) <= most:
        return list(side)
    different = [place for place, point in enumerate(side) if point.spot in found][:most]
    kept = {*different, *range(most - len(different))}
    return [point for place, point in enumerate(side) if place in kept]


def mark(point: Point, scale: float, found: Mapping[Spot, Marked]) -> Mark:
    """Returns how a moment is drawn on its time line."""
    here = found.get(point.spot, Marked(0, ""))
    title = f"{point.at / 1e6:.3f} s: {point.name}"
    return Mark(x=place(point.at, scale), title=title, number=here.number, change=here.change)


def labelled(marks: Iterable[Mark]) -> list[Mark]:
    """Returns the marks; one with a difference has a label if it is far enough from the label before."""
    found, last = [], -LABEL_DISTANCE
    for one in marks:
        label = bool(one.number) and one.x - last >= LABEL_DISTANCE
        last = one.x if label else last
        found.append(msgspec.structs.replace(one, label=label))
    return found


def place(at: int, scale: float) -> float:
    """Returns where a time in microseconds is drawn; `scale` is in units of the drawing per microsecond."""
    return round(MARGIN + max(at, 0) * scale, 1)


def ticks(last: int, scale: float) -> Iterator[Tick]:
    """Yields round times from 0 to `last`, 1, 2 or 5 times a power of ten microseconds apart."""
    steps = (factor * 10**power for power in range(16) for factor in (1, 2, 5))
    step = next(step for step in steps if last // step < MOST_TICKS)
    yield from (Tick(place(at, scale), f"{at / 1e6:g} s") for at in range(0, last + 1, step))
