"""What faults do to an answer, as data: its schedule before and after, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

import msgspec

from cassettes.views.timeline import EVENT_STREAM
from foundation.http.headers import media_type
from replayer.faults.editing.event_blocks import Blocks
from replayer.schedule.actions import Data, Finish, Head, Raw, Schedule

type Change = Literal["same", "moved", "new", "gone"]


class EffectPart(NamedTuple):
    """A part of an answer, due `at` microseconds after the request.

    `what` is "head", "header", "end", "raw" (bytes outside the framing), the types of the events that a chunk
    completes, "part" for a chunk that completes none, and "body" where the answer is no event stream.
    """

    at: int
    what: str
    data: str


class EffectRow(msgspec.Struct, frozen=True, kw_only=True):
    """A part before and after: the same, moved in time, new or gone. A time where it is not is None."""

    change: Change
    before: int | None
    after: int | None
    what: str
    data: str


def effect(before: Schedule, after: Schedule) -> list[EffectRow]:
    """Each part of both schedules, in the order of an answer."""
    old, new = list(parts(before)), list(parts(after))
    start, end = common(old, new)
    stop = len(old) - end, len(new) - end
    return [
        *map(kept, old[:start], new[:start]),
        *changed(old[start : stop[0]], new[start : stop[1]]),
        *map(kept, old[stop[0] :], new[stop[1] :]),
    ]


def common(old: list[EffectPart], new: list[EffectPart]) -> tuple[int, int]:
    """How many parts both begin with, and how many of the others both end with."""
    start, end = 0, 0
    shorter = min(len(old), len(new))
    while start < shorter and is_same(old[start], new[start]):
        start += 1
    while end < shorter - start and is_same(old[-1 - end], new[-1 - end]):
        end += 1
    return start, end


def changed(old: list[EffectPart], new: list[EffectPart]) -> Iterator[EffectRow]:
    """The rows of what is between: what is gone stands before what is new in its place."""
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
    """Whether two parts differ in nothing but their time."""
    return old[1:] == new[1:]


def kept(old: EffectPart, new: EffectPart) -> EffectRow:
    """The row of a part that is in both."""
    change: Change = "same" if old.at == new.at else "moved"
    return EffectRow(change=change, before=old.at, after=new.at, what=new.what, data=new.data)


def parts(schedule: Schedule) -> Iterator[EffectPart]:
    """An answer, part by part; its data as text, with escapes for what is no UTF-8."""
    blocks: Blocks | None = None
    for action in schedule:
        if isinstance(action, Head):
            blocks = Blocks() if media_type(action.headers) == EVENT_STREAM else None
            yield EffectPart(action.at, "head", f"{action.status} {action.reason}".strip())
            yield from (EffectPart(action.at, "header", f"{name}: {value}") for name, value in action.headers)
        elif isinstance(action, Data):
            yield EffectPart(action.at, named(action.data, blocks), text(action.data))
        elif isinstance(action, Raw):
            yield EffectPart(action.at, "raw", text(action.data))
        elif isinstance(action, Finish):
            yield EffectPart(action.at, "end", action.how)


def named(data: bytes, blocks: Blocks | None) -> str:
    """What a chunk of the body is."""
    if blocks is None:
        return "body"
    found = [block.event for block in blocks.feed(data)]
    return "+".join(event.type if event.dispatched else "comment" for event in found) or "part"


def text(data: bytes) -> str:
    """Bytes for a person."""
    return data.decode("utf-8", "backslashreplace")
