"""A position in an answer, and faults that happen there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

from cassettes.framings.event_blocks import Blocks
from cassettes.framings.framing import Framing
from replayer.faults.context import FaultContext
from replayer.faults.editing.framed_streams import recognised
from replayer.faults.fault import Fault, Step, Transform
from replayer.faults.parameter_types import Duration, Fraction, Number, Size
from replayer.schedule.actions import Action, Data, Finish, Head, moved


@dataclass(frozen=True, kw_only=True)
class Positioned(Fault):
    """A fault that acts at a position in the response. Without a position it acts where `without_position` says."""

    without_position: ClassVar[Literal["start", "end"]] = "start"

    after_events: Annotated[
        Number | None, "after so many events of the stream (of type=, where it is given)"
    ] = None
    after_bytes: Annotated[Size | None, "after so many bytes of the body"] = None
    after_time: Annotated[Duration | None, "so long after the request"] = None
    fraction: Annotated[Fraction | None, "after this share of the body's bytes; not of a live answer's"] = (
        None
    )

    def __post_init__(self) -> None:
        given = [self.after_events, self.after_bytes, self.after_time, self.fraction]
        if sum(value is not None for value in given) > 1:
            raise ValueError("give one of after-events=, after-bytes=, after-time= and fraction=")

    @property
    def ticks(self) -> bool:
        """Whether the position is a time, which can pass while a live response is silent."""
        return self.after_time is not None

    def at_position(self, at: int, context: FaultContext) -> Iterable[Action]:
        """Return the actions at the position; `at` is its time in microseconds after the request."""
        raise NotImplementedError

    def after_position(self, at: int, context: FaultContext) -> Transform:
        """Return what changes the steps after the position; if `at_position` ends the response, none follow."""
        return lambda step: (step,)

    def begin(self, context: FaultContext) -> Transform:
        """Pass what comes before the position, then act, then change what comes after it."""
        if self.after_events is None:
            return self.at_its_position(context)
        return recognised(lambda framing: self.at_its_position(replace(context, framing=framing)))

    def at_its_position(self, context: FaultContext) -> Transform:
        """Return what `begin` does, once the framing of the response is known where the position needs it."""
        search = self.search(context)
        rest: Transform | None = None

        def feed(step: Step) -> Iterator[Step]:
            nonlocal rest
            if rest is not None:
                yield from rest(step)
                return
            found = search.feed(step)
            yield from found.before
            if found.at is not None:
                rest = self.after_position(found.at, context)
                yield from self.at_position(found.at, context)
                for following in found.behind:
                    yield from rest(following)

        return feed

    def search(self, context: FaultContext) -> Search:
        """Return what finds the position in one response."""
        if self.after_time is not None:
            return TimeSearch(self.after_time)
        if self.after_events is not None:
            return EventSearch(context.framing, self.after_events, self.type)
        if self.fraction is not None:
            return ByteSearch(None if context.size is None else round(context.size * self.fraction))
        if self.after_bytes is None and self.without_position == "end":
            return EndSearch()
        return ByteSearch(self.after_bytes or 0)


@dataclass(frozen=True)
class SplitStep:
    """A step as a position divides it: what is before and behind it, and its time, None while it is not reached.

    With `after-bytes=5`:

        Data(200, b"abc")      SplitStep(before=(Data(200, b"abc"),))
        Data(250, b"defgh")    SplitStep(before=(Data(250, b"de"),), at=250, behind=(Data(250, b"fgh"),))
    """

    before: tuple[Step, ...]
    at: int | None = None
    behind: tuple[Step, ...] = ()


class Search:
    """Finds a position in the steps that it is fed. Once it has found it, it is fed no more."""

    def feed(self, step: Step) -> SplitStep:
        """Return the step as the position divides it."""
        raise NotImplementedError


class TimeSearch(Search):
    """Finds a time, in microseconds after the request; where the response ends earlier, it is not found."""

    def __init__(self, time: int) -> None:
        self._time = time

    def feed(self, step: Step) -> SplitStep:
        """Put a step that is due at the time or later behind it."""
        return SplitStep((), self._time, (step,)) if step.at >= self._time else SplitStep((step,))


class EndSearch(Search):
    """Finds the place right before the end of the response."""

    def feed(self, step: Step) -> SplitStep:
        """Put the `Finish` behind it, and nothing else."""
        return SplitStep((), step.at, (step,)) if isinstance(step, Finish) else SplitStep((step,))


class ByteSearch(Search):
    """Finds the place after so many bytes of the body: 0 is right after the head, and None is never found."""

    def __init__(self, position: int | None) -> None:
        self._left = position

    def feed(self, step: Step) -> SplitStep:
        """Cut the piece of the body that has the position inside."""
        if self._left is None:
            return SplitStep((step,))
        if isinstance(step, Data):
            cut, self._left = self._left, max(0, self._left - len(step.data))
            if cut <= len(step.data):
                return cut_at(step, cut)
        return (
            SplitStep((step,), step.at) if isinstance(step, Head) and not self._left else SplitStep((step,))
        )


class EventSearch(Search):
    """Finds the place after so many events of a type, or of any type for None; 0 is right after the head."""

    def __init__(self, framing: Framing | None, position: int, kind: str | None) -> None:
        self._left = position
        self._type = kind
        self._blocks = None if framing is None else Blocks(framing)

    def feed(self, step: Step) -> SplitStep:
        """Cut the piece of the body in which the last of these events ends."""
        if isinstance(step, Head) and self._left == 0:
            return SplitStep((step,), step.at)
        if isinstance(step, Data) and self._blocks is not None:
            for block in self._blocks.feed(step.data):
                self._left -= block.event.dispatched and self._type in {None, block.event.type}
                if self._left == 0:
                    return cut_at(step, block.end)
        return SplitStep((step,))


def cut_at(step: Data, position: int) -> SplitStep:
    """Return a piece of the body in two parts; a part of no bytes is left out."""
    parts = step.data[:position], step.data[position:]
    before, behind = ((Data(step.at, part),) if part else () for part in parts)
    return SplitStep(before, step.at, behind)


def later(by: int) -> Transform:
    """Return a transform that moves every step to so many microseconds later."""
    return lambda step: (moved(step, step.at + by),)
