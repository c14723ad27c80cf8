"""Compares two jobs by the states that their polls saw, however many polls there were.

A job with another outcome is one difference; that it lacks the states after that is none. With R for running:

    recorded  R 10 %   R 10 %   R 50 %   R 90 %   completed      states  10  50  90  completed
    live      R 10 %   R 50 %   failed                           states  10  50  failed

The repeated poll is no state of its own, 90 % was never reached because the job failed: one difference, the ending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from cassettes import model
from cassettes.views.job_states import JobState, state
from comparison.alignment.sequences import LEAST_SIMILARITY, Edit, Similarity, edits, trailing
from comparison.exchange.exchange_diff import exchange_differences
from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.job_timing import StateBegin, TimedPair, job_timing
from comparison.exchange.progress_diff import Reports, first_new_fall
from comparison.result import Difference, Uncompared
from comparison.rules.comparison_rules import ComparisonRules
from comparison.values.json_values import json_text

type PairOf = Callable[[int, int], ExchangePair]
"""Reads a recorded and a live poll, given by their numbers."""


class SeenState(NamedTuple):
    """A state of a job, the number of the poll that saw it first, and when it began, as far as polls show that."""

    state: JobState
    exchange: int
    began: StateBegin

    @property
    def key(self) -> tuple[object, ...]:
        """Returns what is equal for polls that saw the same state; the message counts only where there is no step."""
        state = self.state
        return state.http, state.status, state.step, state.progress, "" if state.step else state.message


def seen_states(polls: Iterable[model.Exchange]) -> list[SeenState]:
    """Returns the different states that polls saw one after the other."""
    found: list[SeenState] = []
    before: int | None = None
    for poll in polls:
        new = SeenState(state(poll), poll.number, StateBegin(before, poll.end.at))
        if not found or found[-1].key != new.key:
            found.append(new)
        before = poll.request.at
    return found


def job_differences(
    recorded: Sequence[SeenState],
    live: Sequence[SeenState],
    pair_of: PairOf,
    created: ExchangePair | None = None,
) -> Iterator[Difference | Uncompared]:
    """Yields all differences between two jobs, each given by its states, of which it has one at least.

    Where both ended, their last states are compared as a pair; all other states are aligned. `created` are the
    exchanges that created both, where they were recorded.
    """
    last = pair_of(recorded[-1].exchange, live[-1].exchange)
    same_end = recorded[-1].state.ended and outcome(recorded[-1].state) == outcome(live[-1].state)
    aligned = aligned_states(before_the_end(recorded), before_the_end(live))
    found = list(state_differences(aligned, recorded, live, pair_of, last, same_end=same_end))
    if same_end:
        found += exchange_differences(last)
    yield from found
    yield from progress_fall(recorded, live, pair_of, explained=live_places(found, last.rules))
    if recorded[-1].state.ended and not same_end:
        yield other_end(last, recorded[-1].state, live[-1].state)
    elif same_end and not any(isinstance(one, Difference) and one.aspect == "timing" for one in found):
        states = [*paired_states(aligned, recorded, live), (recorded[-1], live[-1])]
        timed = [timed_pair(pair_of(one.exchange, other.exchange), one, other) for one, other in states]
        yield from job_timing([*creation(created), *timed])


def aligned_states(recorded: Sequence[SeenState], live: Sequence[SeenState]) -> list[Edit]:
    """Returns which states of two jobs belong together."""
    keys, live_keys = [one.key for one in recorded], [one.key for one in live]
    return edits(keys, live_keys, state_similarity(recorded, live))


def paired_states(
    aligned: Iterable[Edit], recorded: Sequence[SeenState], live: Sequence[SeenState]
) -> Iterator[tuple[SeenState, SeenState]]:
    """Yields the states that both jobs had, in their order."""
    for edit in aligned:
        if edit.what == "pair" and edit.left is not None and edit.right is not None:
            pair = recorded[edit.left], live[edit.right]
            if pair[0].key == pair[1].key:
                yield pair


def timed_pair(polls: ExchangePair, recorded: SeenState, live: SeenState) -> TimedPair:
    """Returns a state that both jobs had, with the times of each."""
    return TimedPair(polls, recorded.began, live.began)


def creation(created: ExchangePair | None) -> Iterator[TimedPair]:
    """Yields the creation of both jobs as a state, which began between request and response; nothing without one."""
    if created is not None:
        spans = (StateBegin(one.request.at, one.end.at) for one in (created.recorded, created.live))
        yield TimedPair(created, *spans)


def state_differences(
    aligned: Sequence[Edit],
    recorded: Sequence[SeenState],
    live: Sequence[SeenState],
    pair_of: PairOf,
    last: ExchangePair,
    *,
    same_end: bool,
) -> Iterator[Difference | Uncompared]:
    """Yields what differs in the states on the way to the end, but for what follows from another end."""
    states, live_states = before_the_end(recorded), before_the_end(live)
    consequences: set[Edit] = set()
    if not same_end:
        # The live job did not reach them.
        consequences |= set(trailing(aligned, "removed", len(states)))
        if not recorded[-1].state.ended:
            # The recording stopped before them.
            consequences |= set(trailing(aligned, "added", len(live_states)))
    for edit in aligned:
        if edit not in consequences:
            yield from edit_differences(edit, states, live_states, pair_of, last)


def before_the_end(states: Sequence[SeenState]) -> Sequence[SeenState]:
    """Returns the states of a job without the one in which it ended, if it did."""
    return states[:-1] if states[-1].state.ended else states


def live_places(found: Iterable[Difference | Uncompared], rules: ComparisonRules) -> set[int | None]:
    """Returns the numbers of the live exchanges in which there is a difference that the rules count."""
    return {
        one.live_at.exchange for one in found if isinstance(one, Difference) and one.aspect in rules.aspects
    }


def state_similarity(recorded: Sequence[SeenState], live: Sequence[SeenState]) -> Similarity:
    """Returns the similarity of states for the alignment: status 0.3, step 0.4 and progress 0.3."""

    def alike(left: int, right: int) -> float:
        recorded_state, live_state = recorded[left].state, live[right].state
        if recorded_state.http != live_state.http:
            return LEAST_SIMILARITY  # a pair only where nothing is nearer
        same = (
            recorded_state.status == live_state.status,
            recorded_state.step == live_state.step,
            recorded_state.progress == live_state.progress,
        )
        return sum(weight for weight, equal in zip((0.3, 0.4, 0.3), same, strict=True) if equal)

    return alike


def edit_differences(
    edit: Edit,
    recorded: Sequence[SeenState],
    live: Sequence[SeenState],
    pair_of: PairOf,
    last: ExchangePair,
) -> Iterator[Difference | Uncompared]:
    """Yields the differences that one edit of the states stands for; `last` is where a missing state is looked for."""
    left = None if edit.left is None else recorded[edit.left]
    right = None if edit.right is None else live[edit.right]
    states_vary = last.rules.noise.states
    if left is not None and right is not None:
        pair = pair_of(left.exchange, right.exchange)
        if edit.what == "moved" and not states_vary:
            yield state_difference(pair, edit, left, right, "the job's states are in another order")
        yield from exchange_differences(pair)
    elif not states_vary and edit.what != "pair":
        pair = pair_of(
            left.exchange if left else last.recorded.number, right.exchange if right else last.live.number
        )
        why = "polls see another state" if right else "no poll sees this state"
        yield state_difference(pair, edit, left, right, why)


def state_difference(
    pair: ExchangePair, edit: Edit, left: SeenState | None, right: SeenState | None, why: str
) -> Difference:
    """Returns the difference that a state is missing, new or in another place."""
    assert edit.what != "pair"
    states = state_text(left and left.state), state_text(right and right.state)
    return pair.difference("events", edit.what, *states, why)


def progress_fall(
    recorded: Sequence[SeenState],
    live: Sequence[SeenState],
    pair_of: PairOf,
    explained: AbstractSet[int | None],
) -> Iterator[Difference]:
    """Yields the first place where the live job's progress goes back, when the recorded one's never does.

    Polls in `explained` already have a difference from which it follows.
    """
    fall = first_new_fall(progress_reports(recorded), progress_reports(live), explained)
    if fall is not None:
        before, after = fall
        yield pair_of(recorded[-1].exchange, after.place).difference(
            "progress",
            "changed",
            "it never goes back",
            f"{before.value:g} %, then {after.value:g} %",
            "the job's progress goes back",
            pointer="/latest_progress/progress",
        )


def progress_reports(states: Iterable[SeenState]) -> Reports:
    """Returns the progress of each state as event data has it, with the number of the poll that saw it."""
    return [(one.exchange, {"progress": one.state.progress}) for one in states]


def outcome(last: JobState) -> str:
    """Returns how a job ended: "succeeded", another final status, "unfinished", or the status of a poll that failed."""
    if last.http is None or last.http >= 400:
        return f"status {last.http}"
    return "succeeded" if last.succeeded else last.status if last.ended else "unfinished"


def other_end(pair: ExchangePair, recorded: JobState, live: JobState) -> Difference:
    """Returns the difference that a job ended in another way than the recorded one, or did not end."""
    words = state_text(recorded), state_text(live)
    if not live.ended:
        return pair.difference("ending", "changed", *words, "the job did not end while it was polled")
    if recorded.http != live.http:
        return pair.difference("status", "changed", *words, "the poll failed")
    return pair.difference("ending", "changed", *words, "the job ended otherwise", pointer="/status")


def state_text(one: JobState | None) -> str:
    """Returns a state as a person reads it: "running, 50 %, reading"."""
    if one is None:
        return "nothing"
    progress = "" if one.progress is None else f"{one.progress:g} %"
    error = "" if one.error is None else json_text(one.error)
    http = f"status {one.http}" if one.http is not None and one.http >= 400 else ""
    return ", ".join(filter(None, (http, one.status, progress, one.step or one.message, error)))
