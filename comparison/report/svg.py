"""Draws two tracks above each other, to scale: where each moment stands, and what differs there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from comparison.report.tracks import Point, Spot, Tracks
from comparison.result import Difference, Place

WIDTH, MARGIN = 1000, 20
"""Of the drawing, in its own units."""

MOST_MARKS = 300
"""Of one side that are drawn."""

MOST_TICKS = 10

ROOM = 20.0
"""From one label to the next."""

HEAD_ASPECTS = frozenset({"status", "headers", "cookies", "content-type"})

ONLY_THERE = ({"removed"}, {"added", "duplicated"})
"""The changes of events that only the recorded, or only the live side has."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A moment; `number` is that of the first difference there, counted from 1 in the report, 0 where there is none.

    `label` says whether there is room to write it.
    """

    x: float
    title: str
    number: int
    change: str
    label: bool = False


class Link(msgspec.Struct, frozen=True):
    """Two moments that stand for each other, by where they are drawn."""

    x: float
    live_x: float
    differs: bool


class Tick(msgspec.Struct, frozen=True):
    """A time on the scale."""

    x: float
    name: str


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """Two time lines on one scale; `left_out` counts the moments that there was no room for."""

    title: str
    recorded: Sequence[Mark]
    live: Sequence[Mark]
    links: Sequence[Link]
    ticks: Sequence[Tick]
    left_out: int


class Marked(msgspec.Struct, frozen=True):
    """The first difference at a spot."""

    number: int
    change: str


def draw(tracks: Tracks, title: str, numbered: Iterable[tuple[int, Difference]]) -> Drawing:
    """The drawing of two tracks; `numbered` are the differences of their session, as the report counts them."""
    ours, theirs = marked(numbered, {one.spot for one in tracks.recorded}, {one.spot for one in tracks.live})
    last = max((one.at for one in (*tracks.recorded, *tracks.live)), default=0)
    scale = (WIDTH - 2 * MARGIN) / max(last, 1)
    recorded, live = (
        {one.spot: mark(one, scale, found) for one in chosen(side, found)}
        for side, found in ((tracks.recorded, ours), (tracks.live, theirs))
    )
    links = [
        Link(recorded[one].x, live[other].x, bool(recorded[one].number and live[other].number))
        for one, other in tracks.links
        if one in recorded and other in live
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
    """At which spots of each side something differs; one without a spot of its own differs at the end."""
    ours: dict[Spot, Marked] = {}
    theirs: dict[Spot, Marked] = {}
    for number, one in numbered:
        sides = ((recorded, ours, one.at, one.live_at), (live, theirs, one.live_at, one.at))
        for side, (spots, found, at, other) in enumerate(sides):
            spot = spot_of(one, at, spots)
            alone = one.aspect == "events" and one.change in ONLY_THERE[1 - side]
            if spot in spots and not alone and (at.event is not None or other.event is None):
                found.setdefault(spot, Marked(number, one.change))
    return ours, theirs


def spot_of(one: Difference, at: Place, spots: set[Spot]) -> Spot:
    """Where a difference is drawn; of a poll only the end is."""
    exchange = -1 if at.exchange is None else at.exchange
    part = at.event if at.event is not None else "head" if one.aspect in HEAD_ASPECTS else "end"
    return (exchange, part) if (exchange, part) in spots else (exchange, "end")


def chosen(side: Sequence[Point], found: Mapping[Spot, Marked]) -> list[Point]:
    """What is drawn of one side: what differs first, and of the rest the beginning."""
    if len(side) <= MOST_MARKS:
        return list(side)
    different = [place for place, one in enumerate(side) if one.spot in found][:MOST_MARKS]
    kept = {*different, *range(MOST_MARKS - len(different))}
    return [one for place, one in enumerate(side) if place in kept]


def mark(one: Point, scale: float, found: Mapping[Spot, Marked]) -> Mark:
    """One moment on its time line."""
    here = found.get(one.spot, Marked(0, ""))
    title = f"{one.at / 1e6:.3f} s: {one.name}"
    return Mark(x=place(one.at, scale), title=title, number=here.number, change=here.change)


def labelled(marks: Iterable[Mark]) -> list[Mark]:
    """The marks, with labels where one is far enough from the one before."""
    found, last = [], -ROOM
    for one in marks:
        label = bool(one.number) and one.x - last >= ROOM
        last = one.x if label else last
        found.append(msgspec.structs.replace(one, label=label))
    return found


def place(at: int, scale: float) -> float:
    """Where a time is drawn."""
    return round(MARGIN + max(at, 0) * scale, 1)


def ticks(last: int, scale: float) -> Iterator[Tick]:
    """Round times on the scale, in microseconds 1, 2 or 5 times a power of ten apart."""
    steps = (factor * 10**power for power in range(16) for factor in (1, 2, 5))
    step = next(step for step in steps if last // step < MOST_TICKS)
    yield from (Tick(place(at, scale), f"{at / 1e6:g} s") for at in range(0, last + 1, step))
