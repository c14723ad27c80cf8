from __future__ import annotations

import pytest

from comparison.compare import compare_sessions
from comparison.conversation.recorded_sessions import RecordedSessions
from comparison.report.svg import WIDTH, Drawing, draw
from comparison.report.tracks import tracks
from comparison.rules.comparison_rules import STRICT, parse_rules
from tests.comparison.mutants import event, sample, stream, with_json, without
from tests.comparison.report.reports import steps


def drawn(recorded, live, rules=STRICT, **limits) -> Drawing:
    ours, theirs = RecordedSessions.of(recorded), RecordedSessions.of(live)
    [session] = compare_sessions(ours, theirs, rules)
    [found] = tracks(session, ours.conversation(0), theirs.conversation(0), rules)
    return draw(found, "title", list(enumerate(session.differences, 1)), **limits)


def changes(marks) -> list[str]:
    return [one.change for one in marks]


def test_it_is_to_scale_on_both_sides():
    slow = stream([event("a", at=0, n=1), event("b", at=4_000_000, n=2)])
    fast = stream([event("a", at=0, n=1), event("b", at=2_000_000, n=3)])
    picture = drawn(slow, fast)
    recorded, live = picture.recorded[2].x, picture.live[2].x
    assert (live - 20) / (recorded - 20) == pytest.approx(0.5, abs=0.01)
    assert max(one.x for one in picture.recorded) == WIDTH - 20
    assert [tick.name for tick in picture.ticks] == [f"{half / 2:g} s" for half in range(9)]
    assert picture.recorded[2].title == '4.002 s: b {"n": 2}'


@pytest.mark.parametrize(
    ("live", "recorded_changes", "live_changes"),
    [
        (steps("a", "x", "c"), ["", "", "changed", "", ""], ["", "", "changed", "", ""]),
        (steps("a", "b"), ["", "", "", "removed", ""], ["", "", "", ""]),
        (steps("a", "b", "c", "d"), ["", "", "", "", ""], ["", "", "", "", "added", ""]),
    ],
)
def test_what_differs_is_marked_on_the_sides_that_have_it(live, recorded_changes, live_changes):
    picture = drawn(steps("a", "b", "c"), live)
    assert (changes(picture.recorded), changes(picture.live)) == (recorded_changes, live_changes)


def test_a_gap_is_marked_where_it_is_too_long():
    late = stream([event("a", at=0, n=1), event("b", at=9_000_000, n=2)])
    early = stream([event("a", at=0, n=1), event("b", at=1_000_000, n=2)])
    picture = drawn(early, late, parse_rules(["+timing"]))
    assert changes(picture.live) == ["", "", "changed", ""]


def test_a_job_is_drawn_with_the_states_that_its_polls_saw():
    job = sample("job")
    picture = drawn(
        job, with_json(without(job, [2]), 3, lambda body: body.update(status="failed", error="x"))
    )
    assert changes(picture.recorded) == ["", "", "", "removed", "", "changed"]
    assert changes(picture.live) == ["", "", "", "", "changed"]
    assert picture.recorded[-1].title.endswith("s: succeeded, 100 %, complete")


def test_a_difference_of_a_polls_head_is_drawn_at_its_end():
    job = sample("job")
    live = with_json(job, 3, lambda body: body.pop("job_id"))
    assert changes(drawn(job, live).recorded).count("removed") == 1


def test_of_too_many_moments_those_that_differ_are_drawn():
    names = [f"step {chr(97 + place)}" for place in range(20)]
    picture = drawn(steps(*names), steps(*names[:-1], "other"), most_marks=3)
    assert [len(picture.recorded), len(picture.live), picture.left_out] == [3, 3, 38]
    assert [one.number for one in picture.live] == [0, 0, 1]


def test_labels_do_not_cover_each_other():
    other = [event("progress", at=place, step=f"new {place}", number=place) for place in range(20)]
    mine = [event("progress", at=place, step=f"{place} old", number=place) for place in range(20)]
    picture = drawn(stream(mine), stream(other))
    assert [one.label for one in picture.live].count(True) == 1
    assert picture.live[2].number
