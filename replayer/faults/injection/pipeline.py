"""Leads an answer through faults: a whole schedule at once, or a live answer step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from foundation.errors import UsageError
from foundation.http.headers import first
from replayer.faults.fault import Fault, Step, Transform
from replayer.faults.injection.active_plan import Hit
from replayer.faults.injection.fault_blame import blaming
from replayer.faults.language.spec import write
from replayer.schedule.actions import Data, Finish, Head, Idle, Schedule, moved

MOST_ADDED = 200_000
"""Actions that one fault may add to a schedule: each takes some 100 bytes of memory."""


class FaultStage:
    """An answer on its way through one fault. After an `Finish` nothing comes any more; time never runs back.

    Data of no bytes is left out: in chunks it would be the end of the body.
    """

    def __init__(self, feed: Transform) -> None:
        self._ended = False
        self._feed = feed
        self._latest = 0

    def feed(self, step: Step) -> Iterator[Step]:
        """What takes the place of a step; raises UsageError when an `Finish` has none."""
        if self._ended:
            return
        for given in self._feed(step):
            self._latest = max(self._latest, given.at)
            if not isinstance(given, Data) or given.data:
                self._ended = isinstance(given, Finish)
                yield moved(given, self._latest)
            if self._ended:
                return
        if isinstance(step, Finish):
            raise UsageError("it gives no End, though it was fed one")


def apply(schedule: Schedule, hits: Sequence[Hit]) -> tuple[Schedule, list[str]]:
    """The schedule after these faults, and those that changed it, as lines; raises UsageError for one that fails."""
    lines = []
    for hit in hits:
        with blaming(hit.fault):
            changed = true_length(schedule, through(schedule, hit.begin(length_of(schedule))))
        if changed != schedule:
            lines.append(write(hit.fault))
        schedule = changed
    return schedule, lines


def through(schedule: Schedule, feed: Transform) -> Schedule:
    """The schedule after one fault; raises UsageError when it has more than MOST_ADDED pieces more than before."""
    passage = FaultStage(feed)
    most = len(schedule) + MOST_ADDED
    every = (given for step in schedule for given in passage.feed(step) if not isinstance(given, Idle))
    changed = tuple(islice(every, most + 1))
    if len(changed) > most:
        raise UsageError(
            f"it cuts an answer into over {MOST_ADDED} pieces more: give it a larger size= or rate="
        )
    return changed


def true_length(before: Schedule, after: Schedule) -> Schedule:
    """The changed schedule with a true `Content-Length`, where it was true before and the answer still ends whole."""
    head = after[0]
    end = after[-1]
    assert isinstance(end, Finish)
    if not isinstance(head, Head) or end.how != "complete":
        return after
    announced, length = first(head.headers, "content-length"), length_of(after)
    if announced == str(length) or announced != str(length_of(before)):
        return after
    headers = tuple(
        (name, str(length) if name.lower() == "content-length" else value) for name, value in head.headers
    )
    return msgspec.structs.replace(head, headers=headers), *after[1:]


def length_of(schedule: Schedule) -> int:
    """Bytes of the body."""
    return sum(len(action.data) for action in schedule if isinstance(action, Data))


class FaultPipeline:
    """A live answer on its way through several faults; `lines` has those that changed something.

    Raises UsageError for a fault that fails.
    """

    def __init__(self, hits: Sequence[Hit]) -> None:
        self.lines: list[str] = []
        self.ticks = any(hit.fault.ticks for hit in hits)
        self._passages = [(hit.fault, write(hit.fault), begun(hit)) for hit in hits]

    def feed(self, step: Step) -> Iterator[Step]:
        """What takes the place of a step, in the order of time. Take all of it before the next step is fed.

        It is made while it is taken: a fault can cut a step into very many.
        """
        steps: Iterable[Step] = (step,)
        for fault, line, passage in self._passages:
            steps = self._led(steps, fault, line, passage)
        return iter(steps)

    def _led(self, steps: Iterable[Step], fault: Fault, line: str, passage: FaultStage) -> Iterator[Step]:
        """What one fault makes of some steps."""
        for step in steps:
            same = False
            with blaming(fault):
                for place, given in enumerate(passage.feed(step)):
                    same = place == 0 and given == step
                    if not same:
                        self._changed(line)
                    yield given
            if not same:
                self._changed(line)

    def _changed(self, line: str) -> None:
        if line not in self.lines:
            self.lines.append(line)


def begun(hit: Hit) -> FaultStage:
    """The way through a fault, whose body's length is not known."""
    with blaming(hit.fault):
        return FaultStage(hit.begin())
