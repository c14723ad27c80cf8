"""The faults of jobs on schedules."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.faults.injection.active_plan import ActivePlan, ReceivedRequest
from replayer.faults.injection.pipeline import apply
from replayer.faults.jobs.progress import change_progress
from replayer.faults.language.plan import plan_of
from replayer.schedule.actions import Finish
from tests.replayer.faults.apply_faults import (
    MS,
    after_fault,
    after_live_fault,
    answer,
    body,
    request,
    stream,
)


def poll(percent, status="running", **more):
    """What one poll says."""
    return {
        "job_id": "job_1",
        "status": status,
        "latest_progress": {"step": "analyzing", "progress": percent},
        "result": None,
        "error": None,
    } | more


POLLS = [poll(25), poll(50), poll(100, "succeeded", result={"response": "42"})]


def document(schedule):
    return json.loads(body(schedule))


def polled(line, polls, session=0, url="/jobs/a", active_plan=None):
    """What a client gets that polls a job to its end."""
    active_plan = active_plan or ActivePlan(plan_of([line]), 0)
    asked = ReceivedRequest(request=request(url, "GET"), now=0, session=session)
    schedules = [answer(json.dumps(each).encode()) for each in polls]
    return [document(apply(schedule, active_plan.hits(asked))[0]) for schedule in schedules]


@pytest.mark.parametrize(
    ("line", "first", "error"),
    [
        ("fail-job", 0, None),
        ("fail-job at-poll=2", 1, None),
        ("fail-job at-poll=2 message='No model is free'", 1, "No model is free"),
        ("fail-job at-poll=3 message=''", 2, ""),
        ("fail-job at-poll=4", 3, None),
        ("fail-job path=/tasks/*", 3, None),
    ],
)
def test_fail_job_fails_at_a_poll_and_stays_so(line, first, error):
    failed = [each | {"status": "failed", "result": None, "error": error} for each in POLLS]
    assert polled(line, POLLS) == [*POLLS[:first], *failed[first:]]


def test_fail_job_is_sent_when_the_answer_would_be_whole_and_keeps_the_rest():
    schedule = answer(b'{"status":"running","mine":"\xc3\xa9"}')
    head, data, end = after_fault("fail-job", schedule)
    assert data.data == b'{"status":"failed","mine":"\xc3\xa9","result":null,"error":null}'
    assert dict(head.headers)["Content-Length"] == str(len(data.data))
    assert (data.at, end) == (100 * MS, Finish(100 * MS, "complete"))


@pytest.mark.parametrize("line", ["fail-job", "stuck-job", "regress-job at-poll=1"])
@pytest.mark.parametrize(
    "schedule",
    [
        answer(b'{"error": "Job not found"}', 404),
        answer(b'["status"]'),
        answer(b'"status"'),
        answer(b"null"),
        answer(b"<p>status</p>", media_type="text/html"),
        stream(b'data: {"status": "running", "progress": 5}\n\n'),
        (Finish(0, "reset"),),
    ],
)
def test_an_answer_that_says_nothing_of_a_job_stays(line, schedule):
    assert after_fault(line, schedule) == schedule
    assert after_live_fault(line, schedule) == schedule


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("stuck-job", [25, 25, 25]),
        ("stuck-job at-poll=2", [25, 50, 50]),
        ("stuck-job at-poll=3", [25, 50, 99]),
    ],
)
def test_stuck_job_repeats_a_poll_for_good(line, expected):
    assert polled(line, POLLS) == [poll(percent) for percent in expected]


@pytest.mark.parametrize("ended", ["succeeded", "completed", "failed"])
@pytest.mark.parametrize(("percent", "shown"), [(100, 99), (40, 40), (99.5, 99)])
def test_stuck_job_undoes_an_end(ended, percent, shown):
    last = poll(percent, ended, result={"response": "42"}, error="none")
    assert polled("stuck-job", [last, last]) == [poll(shown)] * 2


def test_stuck_job_leaves_the_bytes_of_a_job_that_goes_on():
    schedule = answer(b'{ "status":"queued", "n" : 1.50 }')
    assert after_fault("stuck-job", schedule) == schedule


@pytest.mark.parametrize("status", [["failed"], None, 7, "paused"])
def test_stuck_job_knows_no_other_ends(status):
    assert polled("stuck-job", [poll(5, status)] * 2) == [poll(5, status)] * 2


def test_stuck_job_remembers_each_job_of_each_session():
    active_plan = ActivePlan(plan_of(["stuck-job"]), 0)
    for session, url, percent in [
        (0, "/jobs/a", 1),
        (1, "/jobs/a", 2),
        (1, "/jobs/b", 3),
        (None, "/jobs/a", 4),
    ]:
        assert polled("", [poll(percent)], session, url, active_plan) == [poll(percent)]
        assert polled("", [poll(77)], session, url, active_plan) == [poll(percent)]
    assert polled("", [poll(78)], 0, "/jobs/a", active_plan) == [poll(1)]


def test_stuck_job_that_came_too_late_begins_when_it_comes():
    active_plan = ActivePlan(plan_of(["stuck-job at-poll=1 after=1s"]), 0)
    asked = [
        ReceivedRequest(request=request("/jobs/a", "GET"), now=now * 1000 * MS, session=0) for now in range(4)
    ]
    seen = [
        document(apply(answer(json.dumps(poll(number)).encode()), active_plan.hits(one))[0])
        for number, one in enumerate(asked)
    ]
    assert seen == [poll(0), poll(1), poll(1), poll(1)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("regress-job", [25, 0, 100]),
        ("regress-job at-poll=3", [25, 50, 0]),
        ("regress-job at-poll=9", [25, 50, 100]),
    ],
)
def test_regress_job_goes_back_once(line, expected):
    seen = polled(line, POLLS)
    assert [each["latest_progress"]["progress"] for each in seen] == expected
    assert [each["status"] for each in seen] == [each["status"] for each in POLLS]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"latest_progress": {"progress": 5.5, "a": 1}}, {"latest_progress": {"progress": 0, "a": 1}}),
        ({"progress": [{"progress": 5}, {"progress": 6}]}, {"progress": [{"progress": 5}, {"progress": 0}]}),
        ({"progress": 50}, {"progress": 0}),
        ({"progress": [1, 2]}, {"progress": [1, 0]}),
        (
            {"latest_progress": {"progress": 5}, "progress": 5},
            {"latest_progress": {"progress": 0}, "progress": 0},
        ),
        ({"progress": []}, {"progress": []}),
        ({"progress": "5"}, {"progress": "5"}),
        ({"progress": True}, {"progress": True}),
        ({"latest_progress": None}, {"latest_progress": None}),
        ({"latest_progress": {"step": "a"}}, {"latest_progress": {"step": "a"}}),
        ({}, {}),
    ],
)
def test_progress_has_many_forms(before, after):
    assert change_progress(before, lambda _percent: 0) == after


def test_lose_field_leaves_it_out_of_a_body():
    assert after_fault("lose-field pointer=/job_id", answer(b'{"job_id":"a","status":"pending"}')) == answer(
        b'{"status":"pending"}'
    )


@pytest.mark.parametrize(
    ("pointer", "left"),
    [
        ("/result/sources/0", '{"result": {"sources": [2]}, "a/b": 3}'),
        ("/result", '{"a/b": 3}'),
        ("/a~1b", '{"result": {"sources": [1, 2]}}'),
        ("/nothing/here", '{"result": {"sources": [1, 2]}, "a/b": 3}'),
    ],
)
def test_lose_field_finds_it_by_its_pointer(pointer, left):
    schedule = answer(b'{"result": {"sources": [1, 2]}, "a/b": 3}')
    assert body(after_fault(f"lose-field pointer={pointer}", schedule)).decode() == left


EVENTS = (
    b'event: progress\ndata: {"step": "a", "progress": 10}\n\n',
    b'event: result\ndata: {"response": "42"}\n\n',
    b'event: progress\ndata: {"step": "b", "progress": 20}\n\n',
    b"event: progress\ndata: no JSON\n\n",
)


@pytest.mark.parametrize(
    ("limits", "lost"),
    [
        ("", [0, 2]),
        ("nth=1", [0]),
        ("nth=3", [2]),
        ("type=progress nth=2", [2]),
        ("type=result", []),
        ("times=1", [0]),
        ("probability=0", []),
    ],
)
def test_lose_field_chooses_among_the_events_of_a_stream(limits, lost):
    without = [event.replace(b'"step": "a", ', b"").replace(b'"step": "b", ', b"") for event in EVENTS]
    left = [without[place] if place in lost else event for place, event in enumerate(EVENTS)]
    schedule = stream(*EVENTS)
    assert after_fault(f"lose-field pointer=/step {limits}", schedule) == stream(*left)
    assert after_live_fault(f"lose-field pointer=/step {limits}", schedule) == stream(*left)


@pytest.mark.parametrize(
    ("limits", "lost"),
    [
        ("", [0, 1, 2]),
        ("nth=2", [1]),
        ("every=2", [1]),
        ("first=2", [0, 1]),
        ("times=1", [0]),
        ("type=progress", []),
        ("path=/jobs/b", []),
    ],
)
def test_lose_field_chooses_among_the_bodies_of_all_answers(limits, lost):
    expected = [
        {key: value for key, value in each.items() if place not in lost or key != "status"}
        for place, each in enumerate(POLLS)
    ]
    assert polled(f"lose-field pointer=/status {limits}", POLLS) == expected


def test_lose_field_counts_no_streams_among_the_bodies():
    active_plan = ActivePlan(plan_of(["lose-field pointer=/status nth=2"]), 0)
    asked = ReceivedRequest(request=request(), now=0, session=0)
    bodies = [
        answer(b'{"status":1}'),
        stream(b'data: {"status":1}\n\n'),
        answer(b"no JSON"),
        answer(b'{"status":1}'),
    ]
    changed = [apply(each, active_plan.hits(asked))[0] != each for each in bodies]
    assert changed == [False, False, False, True]


PERCENT = st.integers(0, 100) | st.floats(0, 100)
ANSWERS = st.builds(
    poll,
    PERCENT,
    st.sampled_from(["pending", "running", "succeeded", "failed"]),
    progress=st.none() | PERCENT | st.lists(PERCENT | st.builds(lambda one: {"progress": one}, PERCENT)),
)


@given(st.lists(ANSWERS, min_size=1, max_size=6), st.integers(1, 7))
def test_a_fault_of_jobs_changes_nothing_before_its_poll(polls, at_poll):
    for name in ("fail-job", "stuck-job", "regress-job"):
        assert polled(f"{name} at-poll={at_poll}", polls)[: at_poll - 1] == polls[: at_poll - 1]


@given(st.lists(ANSWERS, min_size=1, max_size=6), st.integers(1, 6))
def test_a_stuck_job_never_ends_nor_moves(polls, at_poll):
    stuck = polled(f"stuck-job at-poll={at_poll}", polls)[at_poll - 1 :]
    assert all(each["status"] in {"pending", "running"} and each["result"] is None for each in stuck)
    assert all(each == stuck[0] for each in stuck)
