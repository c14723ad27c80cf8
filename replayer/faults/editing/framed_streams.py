"""Leads the streams among responses through a transform, whatever frames their events."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cassettes.framings.framing import Framing
from cassettes.framings.recognition import Recognition
from replayer.faults.fault import Step, Transform
from replayer.schedule.actions import Data, Head, Idle


def in_streams(begin: Callable[[Framing], Transform]) -> Transform:
    """Return a transform that leads streams through one that `begin` makes for their framing; other responses pass."""
    return recognised(lambda framing: passed if framing is None else begin(framing))


def recognised(begin: Callable[[Framing | None], Transform]) -> Transform:
    """Return a transform that holds a response until its framing is known, and then leads it through another one.

    Only responses of a type that may be anything are held, and only until their beginning tells.
    """
    recognition: Recognition | None = None
    transform: Transform | None = None
    held: list[Step] = []

    def feed(step: Step) -> Iterator[Step]:
        nonlocal recognition, transform
        if transform is not None:
            yield from transform(step)
            return
        if isinstance(step, Head):
            recognition = Recognition(step.headers)
        elif isinstance(step, Idle) or recognition is None:
            yield step
            return
        elif isinstance(step, Data):
            recognition.feed(step.data)
        else:
            recognition.end()
        held.append(step)
        if recognition.decided:
            transform = begin(recognition.framing)
            for one in held:
                yield from transform(one)
            held.clear()

    return feed


def passed(step: Step) -> Iterator[Step]:
    """Return a step as it is."""
    yield step
