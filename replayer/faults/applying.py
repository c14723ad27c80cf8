"""Leads an answer through faults: a whole schedule at once, or a live answer step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from cassettes.errors import UsageError
from cassettes.model import first
from replayer.faults.arming import Hit
from replayer.faults.fault import Feed, Step
from replayer.faults.spec import write
from replayer.schedule import Data, End, Head, Idle, Schedule, moved

MOST_ADDED = 200_000
"""Actions that one fault may add to a schedule: each takes some 100 bytes of memory."""


class Passage:
    """An answer on its way through one fault. After an `End` nothing comes any more; time never runs back."""

    def __init__(self, feed: Feed) -> None:
        self.ended = False
        self._feed = feed
        self._latest = 0

    def feed(self, step: Step) -> Iterator[Step]:
        """What takes the place of a step."""
        if self.ended:
            return
        for given in self._feed(step):
            self._latest = max(self._latest, given.at)
            yield moved(given, self._latest)
            if isinstance(given, End):
                self.ended = True
                return


def apply(schedule: Schedule, hits: Sequence[Hit]) -> tuple[Schedule, list[str]]:
    """The schedule after these faults, and those that changed it, as lines."""
    lines = []
    for hit in hits:
        changed = true_length(schedule, through(schedule, hit.begin(length_of(schedule))))
        if changed != schedule:
            lines.append(write(hit.fault))
        schedule = changed
    return schedule, lines


def through(schedule: Schedule, feed: Feed) -> Schedule:
    """The schedule after one fault; raises UsageError when it has more than MOST_ADDED pieces more than before."""
    passage = Passage(feed)
    most = len(schedule) + MOST_ADDED
    every = (given for step in schedule for given in passage.feed(step) if not isinstance(given, Idle))
    changed = tuple(islice(every, most))
    if passage.ended:
        return changed
    if len(changed) == most:
        raise UsageError(
            f"a fault cuts an answer into over {MOST_ADDED} pieces more: give it a larger size= or rate="
        )
    raise RuntimeError("a fault must give an End, at the latest when it is fed one")


def true_length(before: Schedule, after: Schedule) -> Schedule:
    """The changed schedule with a true `Content-Length`, where it was true before and the answer still ends whole."""
    head = after[0]
    end = after[-1]
    assert isinstance(end, End)
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


class Course:
    """A live answer on its way through several faults; `lines` has those that changed something."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self.lines: list[str] = []
        self._passages = [(write(hit.fault), Passage(hit.begin())) for hit in hits]

    def feed(self, step: Step) -> list[Step]:
        """What takes the place of a step, in the order of time."""
        steps = [step]
        for line, passage in self._passages:
            given = [one for each in steps for one in passage.feed(each)]
            if given != steps and line not in self.lines:
                self.lines.append(line)
            steps = given
        return steps
