"""Passes a response through faults: a recorded schedule as a whole, or a live response step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from foundation.errors import UsageError
from foundation.http.headers import first
from replayer.faults.fault import Fault, Step, Transform
from replayer.faults.injection.active_plan import Hit
from replayer.faults.injection.fault_errors import naming_fault
from replayer.faults.language.spec import write
from replayer.schedule.actions import Data, Finish, Head, Idle, Schedule, moved

MOST_ADDED = 200_000
"""Actions that one fault may add to a schedule; each takes some 100 bytes of memory, so this is about 20 MB."""


class FaultStage:
    """One fault's transform of one response, held to what a schedule must be.

    Nothing follows a `Finish`, and no step is earlier than the one before it. Data of no bytes is left out: a chunk of
    no bytes is the end of a chunked body (RFC 9112, 7.1).
    """

    def __init__(self, transform: Transform) -> None:
        self._ended = False
        self._transform = transform
        self._latest = 0

    def feed(self, step: Step) -> Iterator[Step]:
        """Return the steps in the place of one; raises UsageError when none is a `Finish` in the place of one."""
        if self._ended:
            return
        for changed in self._transform(step):
            self._latest = max(self._latest, changed.at)
            if not isinstance(changed, Data) or changed.data:
                self._ended = isinstance(changed, Finish)
                yield moved(changed, self._latest)
            if self._ended:
                return
        if isinstance(step, Finish):
            raise UsageError("it gives no Finish, though it was fed one")


def apply(schedule: Schedule, hits: Sequence[Hit]) -> tuple[Schedule, list[str]]:
    """Return the schedule after faults, and the lines of those that changed it; raises UsageError if one fails."""
    lines = []
    for hit in hits:
        with naming_fault(hit.fault):
            changed = with_true_length(schedule, through(schedule, hit.begin(body_length(schedule))))
        if changed != schedule:
            lines.append(write(hit.fault))
        schedule = changed
    return schedule, lines


def through(schedule: Schedule, transform: Transform) -> Schedule:
    """Return the schedule after one fault; raises UsageError when it has over MOST_ADDED actions more than before."""
    stage = FaultStage(transform)
    most = len(schedule) + MOST_ADDED
    every = (action for step in schedule for action in stage.feed(step) if not isinstance(action, Idle))
    changed = tuple(islice(every, most + 1))
    if len(changed) > most:
        raise UsageError(
            f"it cuts an answer into over {MOST_ADDED} pieces more: give it a larger size= or rate="
        )
    return changed


def with_true_length(before: Schedule, after: Schedule) -> Schedule:
    """Return the changed schedule, its `Content-Length` corrected if it was right before and the body is whole."""
    head = after[0]
    end = after[-1]
    assert isinstance(end, Finish)
    if not isinstance(head, Head) or end.how != "complete":
        return after
    announced, length = first(head.headers, "content-length"), body_length(after)
    if announced == str(length) or announced != str(body_length(before)):
        return after
    headers = tuple(
        (name, str(length) if name.lower() == "content-length" else value) for name, value in head.headers
    )
    return msgspec.structs.replace(head, headers=headers), *after[1:]


def body_length(schedule: Schedule) -> int:
    """Return the length of the body in bytes."""
    return sum(len(action.data) for action in schedule if isinstance(action, Data))


class FaultPipeline:
    """The stages of several faults for one response; `lines` has the faults that changed something so far.

    `size` is the length of its body, None for a live one. `ticks` says whether one of the faults must be fed `Idle`.
    Raises UsageError for a fault that fails.
    """

    def __init__(self, hits: Sequence[Hit], size: int | None = None) -> None:
        self.lines: list[str] = []
        self.ticks = any(hit.fault.ticks for hit in hits)
        self._stages = [(hit.fault, write(hit.fault), stage_of(hit, size)) for hit in hits]

    def feed(self, step: Step) -> Iterator[Step]:
        """Return the steps in the place of one, in the order of time. Take all of them before the next step is fed.

        They are made while they are taken, because a fault can cut one step into very many.
        """
        steps: Iterable[Step] = (step,)
        for fault, line, stage in self._stages:
            steps = self._through_stage(steps, fault, line, stage)
        return iter(steps)

    def _through_stage(
        self, steps: Iterable[Step], fault: Fault, line: str, stage: FaultStage
    ) -> Iterator[Step]:
        """Return some steps after one fault; one step that is only itself afterwards counts as unchanged."""
        for step in steps:
            same = False
            with naming_fault(fault):
                for place, changed in enumerate(stage.feed(step)):
                    same = place == 0 and changed == step
                    if not same:
                        self._add_line(line)
                    yield changed
            if not same:
                self._add_line(line)

    def _add_line(self, line: str) -> None:
        if line not in self.lines:
            self.lines.append(line)


def stage_of(hit: Hit, size: int | None) -> FaultStage:
    """Return the stage of a fault for a response whose body has this length, None when that is not known."""
    with naming_fault(hit.fault):
        return FaultStage(hit.begin(size))
