from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from comparison.conversation.recorded_sessions import RecordedSessions
from comparison.monitor.monitored_sessions import LIMITS, MonitoredSessions, SessionLimits
from comparison.monitor.session_comparer import SessionComparer
from comparison.rules.comparison_rules import STRICT, parse_rules
from tests.cassettes.talk import Talk
from tests.comparison.mutants import events_of, reminted, sample, with_events, with_json, with_response


def compared_live(recorded, live, rules=STRICT, limits=LIMITS):
    """A comparer that has seen a live recording, and the differences that it returned after each exchange."""
    comparer = SessionComparer(RecordedSessions.of(recorded), rules, limits)
    return comparer, [
        [(one.aspect, one.pointer) for one in comparer.take(exchange)] for exchange in live.exchanges
    ]


def counts(comparer: SessionComparer) -> tuple[int, int, int, int]:
    return comparer.same, comparer.different, comparer.gaps, comparer.unknown


def joined(*talks: Talk) -> Talk:
    """Several recordings one after the other."""
    exchanges = [one for talk in talks for one in talk.exchanges]
    return Talk(replace(one, number=number) for number, one in enumerate(exchanges))


@pytest.mark.parametrize("name", ["stream", "job", "error", "history", "health"])
def test_the_same_traffic_of_another_client_is_the_same(name):
    comparer, found = compared_live(sample(name), reminted(sample(name)))
    assert [one for one in found if one] == []
    assert comparer.same >= 1
    assert counts(comparer)[1:] == (0, 0, 0)


def test_a_difference_is_told_with_the_exchange_that_has_it():
    live = with_events(sample("stream"), events_of(sample("stream"))[:-1])
    comparer, found = compared_live(sample("stream"), live)
    assert found == [[("events", "")]]
    assert counts(comparer) == (0, 1, 0, 0)


def test_a_job_is_one_question_that_is_told_when_it_has_ended():
    live = with_json(sample("job"), 4, lambda body: body.update(status="failed", error="broken"))
    comparer, found = compared_live(sample("job"), live)
    assert found[:-1] == [[]] * (len(live) - 1)
    assert found[-1] == [("ending", "/status")]
    assert counts(comparer) == (0, 1, 0, 0)


def test_what_nobody_recorded_is_counted():
    comparer, found = compared_live(sample("stream"), sample("health"))
    assert found == [[]]
    assert counts(comparer) == (0, 0, 0, 1)


def test_an_answer_that_lacks_parts_is_counted():
    exchange = sample("stream").exchange(0)
    end = replace(exchange.end, how="error", message="x")
    comparer, _ = compared_live(
        sample("stream"), Talk([replace(exchange, response=None, chunks=(), end=end)])
    )
    assert counts(comparer) == (0, 0, 1, 0)


def test_rules_hold():
    live = with_response(sample("stream"), status=201)
    assert compared_live(sample("stream"), live)[1] == [[("status", "")]]
    assert compared_live(sample("stream"), live, parse_rules(["-status"]))[1] == [[]]


def asking(*answers: object) -> Talk:
    """A client that asks the same again and again, with its cookie."""
    talk = Talk()
    for place, answer in enumerate(answers):
        talk.add("/count", body={"q": 1}, cookies="sid=sess-0123456789ab" if place else "",
                 gives=[] if place else ["sid=sess-0123456789ab"], answer={"count": answer})  # fmt: skip
    return talk


def test_the_nth_same_question_is_held_to_the_nth_answer_and_those_beyond_to_the_last():
    comparer, found = compared_live(asking(1, 2, 3), asking(1, 2, 3, 3))
    assert found == [[], [], [], []]
    assert compared_live(asking(1, 2, 3), asking(1, 3))[1] == [[], [("values", "/count")]]
    assert counts(comparer) == (4, 0, 0, 0)


def test_clients_are_held_to_one_recorded_session_after_the_other():
    recorded = joined(
        sample("health"), with_json(sample("health"), 0, lambda body: body.update(status="busy"))
    )
    live = joined(*[sample("health")] * 4)
    assert [bool(one) for one in compared_live(recorded, live)[1]] == [False, True, False, True]


def test_what_is_remembered_is_bounded():
    sessions = MonitoredSessions(SessionLimits(exchanges=2, sessions=2))
    talk = asking(1, 2, 3, 4)
    first = [sessions.add(one) for one in talk.exchanges]
    assert len({id(one) for one in first}) == 1
    assert [one.number for one in first[0].exchanges] == [2, 3]
    for number in range(10, 13):
        sessions.add(replace(sample("health").exchange(0), number=number))
    again = sessions.add(replace(talk.exchange(1), number=20))
    assert again is not first[0]
    assert json.loads(again.exchanges[0].body) == {"count": 2}


def test_a_value_that_several_clients_were_given_ties_none_of_them():
    sessions = MonitoredSessions()
    one, other = asking(1).exchange(0), replace(asking(2).exchange(0), number=1)
    assert sessions.add(one) is not sessions.add(other)
    third = replace(asking(1, 2).exchange(1), number=2)
    assert sessions.add(third).exchanges == [third]


def test_the_bytes_that_are_remembered_are_bounded():
    sessions = MonitoredSessions(SessionLimits(bytes=5000))
    exchange = sample("stream").exchange(0)
    added = [sessions.add(replace(exchange, number=number)) for number in range(4)]
    assert list(sessions._sessions) == [added[-1].number]


def test_a_job_is_told_once_though_it_is_polled_after_its_end():
    live = with_json(sample("job"), 4, lambda body: body.update(status="failed", error="broken"))
    again = replace(live.exchange(4), number=5)
    comparer, found = compared_live(sample("job"), Talk([*live.exchanges, again]))
    assert found[-2:] == [[("ending", "/status")], []]
    assert counts(comparer) == (0, 1, 0, 0)


@pytest.mark.parametrize(("seen", "unfinished"), [(1, 1), (4, 1), (5, 0)])
def test_a_job_that_has_not_ended_is_counted(seen, unfinished):
    comparer, _ = compared_live(sample("job"), Talk(sample("job").exchanges[:seen]))
    assert comparer.unfinished == unfinished
    assert comparer.same == 1 - unfinished


def test_what_took_long_is_compared_though_its_client_asked_much_since():
    first, *others = asking(1, 1, 1, 1, 1, 1).exchanges
    late = replace(others[0], number=1)
    live = Talk([first, *others[1:], late])
    comparer, found = compared_live(asking(1), live, parse_rules(["-cookies"]), SessionLimits(exchanges=3))
    assert found == [[]] * 6
    assert counts(comparer) == (6, 0, 0, 0)


def test_the_bytes_of_one_client_are_bounded():
    sessions = MonitoredSessions(SessionLimits(bytes=5000))
    kept = [sessions.add(exchange) for exchange in asking(1, 2, 3, 4).exchanges][-1]
    assert [one.number for one in kept.exchanges] == [2, 3]
