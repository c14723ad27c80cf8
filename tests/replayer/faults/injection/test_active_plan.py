from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.exchange_number import ExchangeId
from replayer.faults.injection.active_plan import MOST_REMEMBERED, ActivePlan, BoundedMemory, ReceivedRequest
from replayer.faults.language.plan import plan_of
from replayer.faults.language.spec import write
from tests.replayer.faults.apply_faults import request

SECOND = 1_000_000


def asked(url="/api/v1/stream", method="POST", session=0, now=0, exchange=0):
    return ReceivedRequest(request=request(url, method), session=session, now=now, exchange=exchange)


def hit_by(line: str, requests: list[ReceivedRequest], seed: int = 0) -> list[int]:
    """Which of these requests a fault hits, by their places."""
    active_plan = ActivePlan(plan_of([line], seed), 0)
    return [place for place, one in enumerate(requests) if active_plan.hits(one)]


@pytest.mark.parametrize(
    ("limits", "hit"),
    [
        ("", [0, 1, 2, 3]),
        ("method=GET", [1, 2]),
        ("path=/jobs/a", [1]),
        ("path=/jobs/*", [1, 2]),
        ("path=*stream", [0, 3]),
        ("query=mode=job", [3]),
        ("query=", []),
        ("session=1", [2, 3]),
        ("exchange=5", [1]),
        ("method=GET session=0", [1]),
    ],
)
def test_a_fault_is_limited_to_some_requests(limits, hit):
    requests = [
        asked(),
        asked("/jobs/a", "GET", exchange=ExchangeId(5)),
        asked("/jobs/b", "GET", session=1),
        asked("/api/v1/stream?mode=job", session=1),
    ]
    if limits == "query=":
        limits = "query=nothing"
    assert hit_by(f"reset {limits}", requests) == hit


@pytest.mark.parametrize(
    ("limits", "hit"),
    [
        ("nth=3", [2]),
        ("first=2", [0, 1]),
        ("every=3", [2, 5, 8]),
        ("times=2", [0, 1]),
        ("every=2 times=2", [1, 3]),
        ("first=4 every=2", [1, 3]),
        ("probability=0", []),
        ("probability=1", list(range(10))),
        ("after=3s", [3, 4, 5, 6, 7, 8, 9]),
        ("for=2s", [0, 1]),
        ("after=3s for=2s", [3, 4]),
        ("after=3s nth=2", [4]),
    ],
)
def test_requests_are_counted_and_time_passes(limits, hit):
    assert hit_by(f"reset {limits}", [asked(now=second * SECOND) for second in range(10)]) == hit


def test_only_what_the_other_limits_let_through_is_counted():
    requests = [asked("/a"), asked("/b"), asked("/a"), asked("/b"), asked("/a")]
    assert hit_by("reset path=/a nth=2", requests) == [2]


def test_time_counts_from_when_the_plan_began_to_hold():
    active_plan = ActivePlan(plan_of(["reset after=1s"]), 5 * SECOND)
    assert [bool(active_plan.hits(asked(now=now * SECOND))) for now in (5, 6)] == [False, True]


def test_several_faults_hit_in_their_order():
    active_plan = ActivePlan(plan_of(["delay time=1s", "reset path=/none", "stall"]), 0)
    assert [write(hit.fault) for hit in active_plan.hits(asked())] == ["delay time=1s", "stall"]


def test_a_context_has_the_session_of_a_request_and_its_place_in_it():
    active_plan = ActivePlan(plan_of(["delay time=1s"]), SECOND)
    requests = [
        asked(now=2 * SECOND, exchange=4),
        asked("/jobs/a", "GET", now=3 * SECOND),
        asked("/jobs/a", "GET", now=4 * SECOND, session=1),
        asked("/jobs/a", "GET", now=5 * SECOND),
    ]
    contexts = [hit.context for one in requests for hit in active_plan.hits(one)]
    counts = [
        (context.session, context.turn, context.poll, context.age, context.now, context.exchange)
        for context in contexts
    ]
    assert counts == [
        (0, 1, 1, 0, SECOND, 4),
        (0, 2, 1, SECOND, 2 * SECOND, 0),
        (1, 1, 1, 0, 3 * SECOND, 0),
        (0, 3, 2, 3 * SECOND, 4 * SECOND, 0),
    ]


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(0, 99))
def test_the_same_seed_and_the_same_requests_give_the_same_hits(sessions, seed):
    requests = [asked(session=session) for session in sessions]
    hits = hit_by("reset probability=50%", requests, seed)
    assert hits == hit_by("reset probability=50%", requests, seed)


@given(st.lists(st.integers(1, 3), max_size=30), st.integers(0, 99))
def test_what_one_client_meets_does_not_depend_on_the_others(others, seed):
    alone = [asked()] * 8
    among = [
        one for place in range(8) for one in [*(asked(session=other) for other in others[place::8]), asked()]
    ]
    mine = [place for place, one in enumerate(among) if one.session == 0]
    hits = set(hit_by("reset probability=50%", among, seed))
    assert [place in hits for place in mine] == [
        place in hit_by("reset probability=50%", alone, seed) for place in range(8)
    ]


def test_faults_and_requests_draw_apart():
    active_plan = ActivePlan(plan_of(["reset"] * 3, seed=5), 0)
    drawn = [
        hit.context.random.random()
        for session in (0, 1)
        for _ in range(3)
        for hit in active_plan.hits(asked(session=session))
    ]
    assert len(set(drawn)) == 2 * 3 * 3


@pytest.mark.parametrize("probability", [0.05, 0.5, 0.9])
def test_probabilities_are_right_over_many_draws(probability):
    draws = 4000
    hits = len(hit_by(f"reset probability={probability}", [asked(session=draw % 7) for draw in range(draws)]))
    deviation = math.sqrt(draws * probability * (1 - probability))
    assert abs(hits - draws * probability) < 4 * deviation


def test_what_is_remembered_is_bounded():
    memory = BoundedMemory()
    for key in range(MOST_REMEMBERED + 5):
        memory[key] = key
        memory[0] = 0
    assert len(memory) == MOST_REMEMBERED
    assert 0 in memory
    assert 1 not in memory


def test_polls_of_one_target_are_counted_for_each_session():
    active_plan = ActivePlan(plan_of(["reset"]), 0)
    requests = [
        asked("/jobs/a", "GET"),
        asked("/jobs/a", "POST"),
        asked("/jobs/b", "GET"),
        asked("/jobs/a", "GET", session=1),
        asked("/jobs/a", "GET"),
    ]
    assert [hit.context.poll for one in requests for hit in active_plan.hits(one)] == [1, 1, 1, 1, 2]


def test_what_is_used_again_is_remembered_longer():
    active_plan = ActivePlan(plan_of(["reset"]), 0)

    def turn(session):
        (hit,) = active_plan.hits(asked(session=session))
        return hit.context.turn

    asked_in_turn = [0, *range(1, MOST_REMEMBERED), 0, MOST_REMEMBERED, 0, 1]
    assert [turn(session) for session in asked_in_turn][-2:] == [3, 1]
