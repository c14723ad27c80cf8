"""A position in an answer, and faults that happen there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from replayer.faults.context import FaultContext
from replayer.faults.editing.event_blocks import Blocks
from replayer.faults.fault import Fault, Step, Transform
from replayer.faults.parameter_types import Duration, Fraction, Number, Size
from replayer.schedule.actions import Action, Data, Finish, Head, moved


@dataclass(frozen=True, kw_only=True)
class Positioned(Fault):
    """A fault at a position in the answer. Without one it happens as `without_position` says."""

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
        """A time passes in silence, too."""
        return self.after_time is not None

    def strike(self, at: int, context: FaultContext) -> Iterable[Action]:
        """What happens at the position, whose time is `at`."""
        raise NotImplementedError

    def rest(self, at: int, context: FaultContext) -> Transform:
        """What becomes of the steps after it; where `strike` ends the answer, none follow."""
        return lambda step: (step,)

    def begin(self, context: FaultContext) -> Transform:
        """Pass on what comes before the position."""
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
                rest = self.rest(found.at, context)
                yield from self.strike(found.at, context)
                for following in found.behind:
                    yield from rest(following)

        return feed

    def search(self, context: FaultContext) -> Search:
        """What looks for the position in an answer."""
        if self.after_time is not None:
            return TimeSearch(self.after_time)
        if self.after_events is not None:
            return EventSearch(self.after_events, self.type)
        if self.fraction is not None:
            return ByteSearch(None if context.size is None else round(context.size * self.fraction))
        if self.after_bytes is None and self.without_position == "end":
            return EndSearch()
        return ByteSearch(self.after_bytes or 0)


@dataclass(frozen=True)
class SplitStep:
    """The parts of a step before the position and behind it, and its time; None while it was not reached."""

    before: tuple[Step, ...]
    at: int | None = None
    behind: tuple[Step, ...] = ()


class Search:
    """Looks for a position in the steps that it is fed, until it has found it."""

    def feed(self, step: Step) -> SplitStep:
        """Where the position is, as seen from a step."""
        raise NotImplementedError


class TimeSearch(Search):
    """The first moment from `time` on that an answer is not over."""

    def __init__(self, time: int) -> None:
        self._time = time

    def feed(self, step: Step) -> SplitStep:
        """What is due at the time or later is behind it."""
        return SplitStep((), self._time, (step,)) if step.at >= self._time else SplitStep((step,))


class EndSearch(Search):
    """Right before the end."""

    def feed(self, step: Step) -> SplitStep:
        """Only the end is behind it."""
        return SplitStep((), step.at, (step,)) if isinstance(step, Finish) else SplitStep((step,))


class ByteSearch(Search):
    """After so many bytes of the body; at 0, right after the head. None is nowhere."""

    def __init__(self, position: int | None) -> None:
        self._left = position

    def feed(self, step: Step) -> SplitStep:
        """A piece of the body is cut where it must be."""
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
    """After so many events of a type, or of any; at 0, right after the head."""

    def __init__(self, position: int, kind: str | None) -> None:
        self._left = position
        self._type = kind
        self._blocks = Blocks()

    def feed(self, step: Step) -> SplitStep:
        """A piece of the body is cut where the event ends."""
        if isinstance(step, Head) and self._left == 0:
            return SplitStep((step,), step.at)
        if isinstance(step, Data):
            for block in self._blocks.feed(step.data):
                self._left -= block.event.dispatched and self._type in {None, block.event.type}
                if self._left == 0:
                    return cut_at(step, block.end)
        return SplitStep((step,))


def cut_at(step: Data, position: int) -> SplitStep:
    """A piece of the body, cut in two."""
    parts = step.data[:position], step.data[position:]
    before, behind = ((Data(step.at, part),) if part else () for part in parts)
    return SplitStep(before, step.at, behind)


def later(by: int) -> Transform:
    """Everything so many microseconds later."""
    return lambda step: (moved(step, step.at + by),)
