"""Two jobs: aligned by the states that their polls saw, however many polls there were.

A job that ended otherwise is one difference; the states that it never reached follow from that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from cassettes import model
from cassettes.views.jobs import ENDED, SUCCEEDED, JobState, state
from comparison.alignment.sequences import LEAST_SIMILARITY, Edit, edits, trailing
from comparison.exchange.exchange_diff import exchange_differences
from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.progress_diff import falls
from comparison.exchange.timing_diff import job_timing
from comparison.result import Difference, Uncompared
from comparison.rules.comparison_rules import ComparisonRules
from comparison.values.json_values import json_text

type Read = Callable[[int, int], ExchangePair]
"""Gives a recorded and a live poll, by their numbers, to be compared."""


class Seen(NamedTuple):
    """A state that polls saw, and the exchange that saw it first."""

    state: JobState
    exchange: int

    @property
    def key(self) -> tuple[object, ...]:
        """What tells a state from another one."""
        told = self.state
        return told.http, told.status, told.step, told.progress, "" if told.step else told.message


def seen_states(polls: Iterable[model.Exchange]) -> list[Seen]:
    """The states that polls saw one after the other."""
    found: list[Seen] = []
    for poll in polls:
        new = Seen(state(poll), poll.number)
        if not found or found[-1].key != new.key:
            found.append(new)
    return found


def job_differences(
    recorded: Sequence[Seen], live: Sequence[Seen], answers: Read
) -> Iterator[Difference | Uncompared]:
    """In what two jobs differ that were polled at least once."""
    last = answers(recorded[-1].exchange, live[-1].exchange)
    ends = outcome(recorded[-1].state), outcome(live[-1].state)
    same_end = ends[0] == ends[1] and recorded[-1].state.ended
    ours, theirs = (side[:-1] if side[-1].state.ended else side for side in (recorded, live))
    found = edits([one.key for one in ours], [one.key for one in theirs], state_similarity(ours, theirs))
    follows = {
        *(() if same_end else trailing(found, "removed", len(ours))),
        *(() if same_end or recorded[-1].state.ended else trailing(found, "added", len(theirs))),
    }
    told = [
        one for edit in found if edit not in follows for one in of_edit(edit, ours, theirs, answers, last)
    ]
    if same_end:
        told += exchange_differences(last)
    yield from told
    yield from going_back(recorded, live, answers, places(told, last.rules))
    if recorded[-1].state.ended and not same_end:
        yield other_end(last, recorded[-1].state, live[-1].state)
    elif same_end and not any(isinstance(one, Difference) and one.aspect == "timing" for one in told):
        yield from job_timing(last, answers(recorded[0].exchange, live[0].exchange))


def places(told: Iterable[Difference | Uncompared], rules: ComparisonRules) -> set[int | None]:
    """The live exchanges of which something is told."""
    return {
        one.live_at.exchange for one in told if isinstance(one, Difference) and one.aspect in rules.aspects
    }


def state_similarity(recorded: Sequence[Seen], live: Sequence[Seen]) -> Callable[[int, int], float]:
    """How alike two states are."""

    def alike(left: int, right: int) -> float:
        one, other = recorded[left].state, live[right].state
        if one.http != other.http:
            return LEAST_SIMILARITY  # a pair only where nothing is nearer
        same = (one.status == other.status, one.step == other.step, one.progress == other.progress)
        return sum(weight for weight, equal in zip((0.3, 0.4, 0.3), same, strict=True) if equal)

    return alike


def of_edit(
    edit: Edit, recorded: Sequence[Seen], live: Sequence[Seen], answers: Read, last: ExchangePair
) -> Iterator[Difference | Uncompared]:
    """What became of one state."""
    left = None if edit.left is None else recorded[edit.left]
    right = None if edit.right is None else live[edit.right]
    if left is not None and right is not None:
        pair = answers(left.exchange, right.exchange)
        if edit.what == "moved" and not last.rules.noise.states:
            yield pair.difference(
                "events",
                "moved",
                state_text(left.state),
                state_text(right.state),
                "the job's states are in another order",
            )
        yield from exchange_differences(pair)
    elif not last.rules.noise.states and edit.what != "pair":
        pair = answers(
            left.exchange if left else last.recorded.number, right.exchange if right else last.live.number
        )
        why = "polls see another state" if right else "no poll sees this state"
        yield pair.difference(
            "events", edit.what, state_text(left and left.state), state_text(right and right.state), why
        )


def going_back(
    recorded: Sequence[Seen], live: Sequence[Seen], answers: Read, told_of: set[int | None]
) -> Iterator[Difference]:
    """The first place where the live job's progress goes back, when the recorded one's never does."""
    ours, theirs = (
        [(one.exchange, {"progress": one.state.progress}) for one in side] for side in (recorded, live)
    )
    if any(falls(ours)):
        return
    for before, after in falls(theirs):
        if told_of.isdisjoint({before[0], after[0]}):
            yield answers(recorded[-1].exchange, after[0]).difference(
                "progress",
                "changed",
                "it never goes back",
                f"{before[1]:g} %, then {after[1]:g} %",
                "the job's progress goes back",
                pointer="/latest_progress/progress",
            )
            return


def outcome(last: JobState) -> str:
    """How a job ended."""
    if last.http is None or last.http >= 400:
        return f"status {last.http}"
    return "succeeded" if last.status in SUCCEEDED else last.status if last.status in ENDED else "unfinished"


def other_end(answers: ExchangePair, recorded: JobState, live: JobState) -> Difference:
    """A job that ended otherwise than the recorded one, or not at all."""
    words = state_text(recorded), state_text(live)
    if not live.ended:
        return answers.difference("ending", "changed", *words, "the job did not end while it was polled")
    if recorded.http != live.http:
        return answers.difference("status", "changed", *words, "the poll failed")
    return answers.difference("ending", "changed", *words, "the job ended otherwise", pointer="/status")


def state_text(one: JobState | None) -> str:
    """A state for a person."""
    if one is None:
        return "nothing"
    progress = "" if one.progress is None else f"{one.progress:g} %"
    error = "" if one.error is None else json_text(one.error)
    http = f"status {one.http}" if one.http is not None and one.http >= 400 else ""
    return ", ".join(filter(None, (http, one.status, progress, one.step or one.message, error)))
