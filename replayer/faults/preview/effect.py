"""Compares the schedule of a response before and after faults, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

import msgspec

from cassettes.framings.event_blocks import Blocks
from cassettes.framings.framing import Framing
from cassettes.framings.recognition import Recognition
from replayer.schedule.actions import Data, Finish, Head, Raw, Schedule

type Change = Literal["same", "moved", "new", "gone"]


class EffectPart(NamedTuple):
    """A part of a response, due `at` microseconds after the request.

    `what` is "head", "header", "end", "raw" (bytes outside the framing), the types of the events that a chunk
    completes, "part" for a chunk that completes none, and "body" where the response is no stream.
    """

    at: int
    what: str
    data: str


class EffectRow(msgspec.Struct, frozen=True, kw_only=True):
    """A part that is in both schedules (same or moved) or in one (new or gone), and its times in them, or None."""

    change: Change
    before: int | None
    after: int | None
    what: str
    data: str


def effect(before: Schedule, after: Schedule) -> list[EffectRow]:
    """Return a row for each part of both schedules, in the order of the response.

    Most faults change one place, so what is equal at both ends is set apart first, and only the rest is compared as
    sequences. For parts a b c before, and a X c (c later) after, the rows are: a same, b gone, X new, c moved.
    """
    old, new = list(parts(before)), list(parts(after))
    start, end = common(old, new)
    stop = len(old) - end, len(new) - end
    return [
        *map(kept, old[:start], new[:start]),
        *changed(old[start : stop[0]], new[start : stop[1]]),
        *map(kept, old[stop[0] :], new[stop[1] :]),
    ]


def common(old: list[EffectPart], new: list[EffectPart]) -> tuple[int, int]:
    """Return how many equal parts both begin with, and how many of the others both end with."""
    start, end = 0, 0
    shorter = min(len(old), len(new))
    while start < shorter and is_same(old[start], new[start]):
        start += 1
    while end < shorter - start and is_same(old[-1 - end], new[-1 - end]):
        end += 1
    return start, end


def changed(old: list[EffectPart], new: list[EffectPart]) -> Iterator[EffectRow]:
    """Return the rows of what is between; what is gone stands before what is new in its place."""
    matcher = SequenceMatcher(None, [part[1:] for part in old], [part[1:] for part in new])
    for how, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if how == "equal":
            yield from map(kept, old[old_start:old_end], new[new_start:new_end])
        else:
            for part in old[old_start:old_end]:
                yield EffectRow(change="gone", before=part.at, after=None, what=part.what, data=part.data)
            for part in new[new_start:new_end]:
                yield EffectRow(change="new", before=None, after=part.at, what=part.what, data=part.data)


def is_same(old: EffectPart, new: EffectPart) -> bool:
    """Return whether two parts differ in nothing but their time."""
    return old[1:] == new[1:]


def kept(old: EffectPart, new: EffectPart) -> EffectRow:
    """Return the row of a part that is in both schedules."""
    change: Change = "same" if old.at == new.at else "moved"
    return EffectRow(change=change, before=old.at, after=new.at, what=new.what, data=new.data)


def parts(schedule: Schedule) -> Iterator[EffectPart]:
    """Return the parts of a response; data is text, with escapes for bytes that are no UTF-8."""
    framing = framing_of(schedule)
    blocks = None if framing is None else Blocks(framing)
    for action in schedule:
        if isinstance(action, Head):
            yield EffectPart(action.at, "head", f"{action.status} {action.reason}".strip())
            yield from (EffectPart(action.at, "header", f"{name}: {value}") for name, value in action.headers)
        elif isinstance(action, Data):
            yield EffectPart(action.at, chunk_name(action.data, blocks), text(action.data))
        elif isinstance(action, Raw):
            yield EffectPart(action.at, "raw", text(action.data))
        elif isinstance(action, Finish):
            yield EffectPart(action.at, "end", action.how)


def framing_of(schedule: Schedule) -> Framing | None:
    """Return the framing of the events in a response, None when it is no stream."""
    head = schedule[0]
    if not isinstance(head, Head):
        return None
    recognition = Recognition(head.headers)
    for action in schedule:
        if isinstance(action, Data):
            recognition.feed(action.data)
    recognition.end()
    return recognition.framing


def chunk_name(data: bytes, blocks: Blocks | None) -> str:
    """Return `what` of a chunk of the body, as EffectPart describes it."""
    if blocks is None:
        return "body"
    found = [block.event for block in blocks.feed(data)]
    return "+".join(event.type if event.dispatched else "comment" for event in found) or "part"


def text(data: bytes) -> str:
    """Return bytes as text, with escapes for what is no UTF-8."""
    return data.decode("utf-8", "backslashreplace")
