"""What holds for every fault of the registry, on any answer."""

from __future__ import annotations

import itertools
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassettes.framings.event import Event
from cassettes.framings.sse import encode
from replayer.faults.injection.active_plan import ActivePlan, Hit, ReceivedRequest
from replayer.faults.injection.pipeline import FaultPipeline, apply
from replayer.faults.language.plan import plan_of
from replayer.faults.language.registry import FAULTS
from replayer.faults.language.spec import parse
from replayer.schedule.actions import Data, Finish, Head, Idle, Schedule
from tests.replayer.faults.apply_faults import answer, context, request

EVENTS = st.builds(
    Event,
    type=st.sampled_from(["progress", "result", "heartbeat", "message"]),
    data=st.sampled_from(
        ['{"progress": 25, "message": "höher"}', "{}", "no json", '{"a": [1, {"b": null}]}']
    ),
)
TYPES = st.sampled_from(["text/event-stream", "application/json", "text/plain"])
JOB = b'{"job_id": "job_1", "status": "running", "latest_progress": {"progress": 50}, "result": null}'


@st.composite
def answers(draw) -> Schedule:
    """A chunked answer of some events, cut anywhere, at any times, ending in any way; or a job's poll; or none."""
    how = draw(st.sampled_from(["complete", "close", "reset", "hang"]))
    whole = draw(st.sampled_from(["stream", "job", "nothing"]))
    if whole == "job":
        return answer(JOB)
    gaps = draw(st.lists(st.integers(0, 2_000_000), min_size=9, max_size=9))
    times = list(itertools.accumulate(gaps))
    if whole == "nothing":
        return (Finish(times[0], how),)
    data = b"".join(map(encode, draw(st.lists(EVENTS, max_size=6))))
    cuts = sorted(draw(st.sets(st.integers(0, len(data)), max_size=6)))
    pieces = [data[begin:end] for begin, end in itertools.pairwise([0, *cuts, len(data)])]
    headers = (
        ("Content-Type", draw(TYPES)),
        ("Transfer-Encoding", "chunked"),
        ("Set-Cookie", "sid=abcdef012345"),
    )
    body = [Data(at, piece) for at, piece in zip(times[1:], pieces, strict=False) if piece]
    return Head(times[0], 200, "OK", headers), *body, Finish(times[-1], how)


def hits(name: str, schedule: Schedule, seed: int) -> list[Hit]:
    facts = {"session": 0, "turn": 9, "poll": 9, "age": 10**9, "other": lambda: answer(b'{"theirs": true}')}
    return [
        Hit(parse(FAULTS[name].example), context(schedule, seed, request=request("/jobs/a", "GET"), **facts))
    ]


@pytest.mark.parametrize("name", FAULTS)
@settings(max_examples=40)
@given(schedule=answers(), seed=st.integers(0, 9))
def test_time_never_runs_back_and_the_end_comes_last(name, schedule, seed):
    changed, _ = apply(schedule, hits(name, schedule, seed))
    assert [action.at for action in changed] == sorted(action.at for action in changed)
    assert [place for place, action in enumerate(changed) if isinstance(action, Finish)] == [len(changed) - 1]
    assert all(action.data for action in changed if isinstance(action, Data))
    assert all(place == 0 for place, action in enumerate(changed) if isinstance(action, Head))


@pytest.mark.parametrize("name", FAULTS)
@settings(max_examples=40)
@given(schedule=answers(), seed=st.integers(0, 9))
def test_the_same_seed_gives_the_same_schedule(name, schedule, seed):
    before = pickle.dumps(schedule)
    assert apply(schedule, hits(name, schedule, seed)) == apply(schedule, hits(name, schedule, seed))
    assert pickle.dumps(schedule) == before


@pytest.mark.parametrize("name", FAULTS)
@settings(max_examples=40)
@given(schedule=answers(), seed=st.integers(0, 9))
def test_a_live_answer_gets_the_same_bytes_and_the_same_end(name, schedule, seed):
    if "fraction=" in FAULTS[name].example:
        return  # of a live answer no share is known
    course = FaultPipeline(hits(name, schedule, seed))
    given_on = [one for step in schedule for one in [*course.feed(Idle(step.at)), *course.feed(step)]]
    live = [one for one in given_on if not isinstance(one, Idle)]
    whole, _ = apply(schedule, hits(name, schedule, seed))
    assert b"".join(one.data for one in live if isinstance(one, Data)) == b"".join(
        one.data for one in whole if isinstance(one, Data)
    )
    ends = [[one.how for one in schedule if isinstance(one, Finish)] for schedule in (live, whole)]
    assert ends[0] == ends[1]


@given(
    schedule=answers(), seed=st.integers(0, 99), lines=st.lists(st.sampled_from(sorted(FAULTS)), max_size=4)
)
def test_a_plan_is_deterministic_in_its_seed(schedule, seed, lines):
    plan = plan_of([f"{FAULTS[name].example} probability=0.5" for name in lines if "probability" not in
                    FAULTS[name].example], seed)  # fmt: skip

    def played():
        active_plan = ActivePlan(plan, 0)
        asked = [
            ReceivedRequest(request=request(), session=session, now=at)
            for session in (0, 1)
            for at in (0, 10, 20)
        ]
        return [apply(schedule, active_plan.hits(one)) for one in asked]

    assert played() == played()
