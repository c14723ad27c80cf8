from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.schedule.actions import Data, Finish, Head
from replayer.schedule.from_exchange import schedule_of
from replayer.schedule.pace import cap_gaps, scale

HOUR = 3_600_000_000


@st.composite
def schedules(draw):
    gaps = draw(st.lists(st.integers(0, HOUR), min_size=2, max_size=30))
    at, times = 0, []
    for gap in gaps:
        at += gap
        times.append(at)
    first, *middle, last = times
    chunks = [Data(when, b"%d" % place) for place, when in enumerate(middle)]
    return (
        Head(first, 200, "OK", ()),
        *chunks,
        Finish(last, draw(st.sampled_from(["complete", "close", "hang"]))),
    )


def times(schedule):
    return [action.at for action in schedule]


def gaps(schedule):
    return [after - before for before, after in zip([0, *times(schedule)], times(schedule), strict=False)]


def without_times(schedule):
    return [
        (type(action), *(getattr(action, f) for f in action.__struct_fields__ if f != "at"))
        for action in schedule
    ]


@given(schedules())
def test_neutral_settings_change_nothing(schedule):
    assert scale(schedule, 1.0) == schedule
    assert cap_gaps(schedule, HOUR) == schedule


@given(schedules(), st.floats(0.001, 1e6), st.integers(0, HOUR))
def test_only_times_change_and_they_never_run_backwards(schedule, speed, max_gap):
    for played in (scale(schedule, speed), cap_gaps(schedule, max_gap)):
        assert without_times(played) == without_times(schedule)
        assert times(played) == sorted(times(played))
        assert min(times(played)) >= 0


@given(schedules(), st.floats(0.001, 1e6))
def test_speed_makes_no_error_that_adds_up(schedule, speed):
    for action, played in zip(schedule, scale(schedule, speed), strict=True):
        assert abs(played.at - action.at / speed) <= 0.5 + 1e-9 * played.at


@given(schedules())
def test_the_highest_speed_is_at_once(schedule):
    assert set(times(scale(schedule, math.inf))) == {0}


@given(schedules(), st.integers(0, HOUR))
def test_a_capped_gap_is_its_own_length_or_the_cap(schedule, max_gap):
    capped = cap_gaps(schedule, max_gap)
    assert gaps(capped) == [min(gap, max_gap) for gap in gaps(schedule)]
    assert times(capped)[-1] == sum(min(gap, max_gap) for gap in gaps(schedule))
    assert cap_gaps(capped, max_gap) == capped


def test_a_schedule_counts_from_the_whole_request(make_exchange):
    exchange = make_exchange([(30, b"a"), (70, b"b")], head_at=20, end_at=90)
    assert schedule_of(exchange) == (
        Head(20, 200, "OK", (("Transfer-Encoding", "chunked"),)),
        Data(30, b"a"),
        Data(70, b"b"),
        Finish(90, "complete"),
    )


def test_what_came_before_the_request_was_whole_is_due_at_once(make_exchange):
    exchange = make_exchange([(-5, b"a"), (10, b"b")], head_at=-9)
    assert times(schedule_of(exchange)) == [0, 0, 10, 10]


def test_a_time_that_runs_backwards_is_held(make_exchange):
    exchange = make_exchange([(50, b"a"), (40, b"b"), (60, b"c")], end_at=55)
    assert times(schedule_of(exchange)) == [0, 50, 50, 60, 60]


def test_empty_chunks_are_no_chunks(make_exchange):
    # An empty HTTP chunk would end the body.
    schedule = schedule_of(make_exchange([(1, b""), (2, b"a"), (3, b"")]))
    assert [action.data for action in schedule if isinstance(action, Data)] == [b"a"]


@pytest.mark.parametrize(
    ("how", "ending"),
    [
        ("complete", "complete"),
        ("server-closed", "close"),
        ("reset", "reset"),
        ("client-closed", "close"),
        ("unfinished", "close"),
        ("error", "close"),
    ],
)
def test_how_it_ended_is_how_it_ends(make_exchange, how, ending):
    assert schedule_of(make_exchange([(1, b"a")], how=how))[-1].how == ending


@pytest.mark.parametrize(
    ("how", "ending"),
    [("error", "close"), ("unfinished", "close"), ("complete", "close"), ("reset", "reset")],
)
def test_no_answer_is_a_connection_that_ends_without_one(make_exchange, how, ending):
    assert schedule_of(make_exchange(answered=False, how=how, end_at=80)) == (Finish(80, ending),)
