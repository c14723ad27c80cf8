from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from comparison.conversation.recorded_sessions import RecordedSessions
from comparison.monitor import monitored_sessions
from comparison.monitor.monitored_sessions import MonitoredSessions
from comparison.monitor.session_comparer import SessionComparer
from comparison.rules.comparison_rules import STRICT, parse_rules
from tests.cassettes.talk import Talk
from tests.comparison.mutants import events_of, reminted, sample, with_events, with_json, with_response


def watched(recorded, live, rules=STRICT):
    """A watcher that has seen a live recording, and what it told after each exchange."""
    watcher = SessionComparer(RecordedSessions.of(recorded), rules)
    return watcher, [
        [(one.aspect, one.pointer) for one in watcher.take(exchange)] for exchange in live.exchanges
    ]


def counts(watcher: SessionComparer) -> tuple[int, int, int, int]:
    return watcher.same, watcher.different, watcher.gaps, watcher.unknown


def joined(*talks: Talk) -> Talk:
    """Several recordings one after the other."""
    exchanges = [one for talk in talks for one in talk.exchanges]
    return Talk(replace(one, number=number) for number, one in enumerate(exchanges))


@pytest.mark.parametrize("name", ["stream", "job", "error", "history", "health"])
def test_the_same_traffic_of_another_client_is_the_same(name):
    watcher, told = watched(sample(name), reminted(sample(name)))
    assert [one for one in told if one] == []
    assert watcher.same >= 1
    assert counts(watcher)[1:] == (0, 0, 0)


def test_a_difference_is_told_with_the_exchange_that_has_it():
    live = with_events(sample("stream"), events_of(sample("stream"))[:-1])
    watcher, told = watched(sample("stream"), live)
    assert told == [[("events", "")]]
    assert counts(watcher) == (0, 1, 0, 0)


def test_a_job_is_one_question_that_is_told_when_it_has_ended():
    live = with_json(sample("job"), 4, lambda body: body.update(status="failed", error="broken"))
    watcher, told = watched(sample("job"), live)
    assert told[:-1] == [[]] * (len(live) - 1)
    assert told[-1] == [("ending", "/status")]
    assert counts(watcher) == (0, 1, 0, 0)


def test_what_nobody_recorded_is_counted():
    watcher, told = watched(sample("stream"), sample("health"))
    assert told == [[]]
    assert counts(watcher) == (0, 0, 0, 1)


def test_an_answer_that_lacks_parts_is_counted():
    exchange = sample("stream").exchange(0)
    end = replace(exchange.end, how="error", message="x")
    watcher, _ = watched(sample("stream"), Talk([replace(exchange, response=None, chunks=(), end=end)]))
    assert counts(watcher) == (0, 0, 1, 0)


def test_rules_hold():
    live = with_response(sample("stream"), status=201)
    assert watched(sample("stream"), live)[1] == [[("status", "")]]
    assert watched(sample("stream"), live, parse_rules(["-status"]))[1] == [[]]


def asking(*answers: object) -> Talk:
    """A client that asks the same again and again, with its cookie."""
    talk = Talk()
    for place, answer in enumerate(answers):
        talk.add("/count", body={"q": 1}, cookies="sid=sess-0123456789ab" if place else "",
                 gives=[] if place else ["sid=sess-0123456789ab"], answer={"count": answer})  # fmt: skip
    return talk


def test_the_nth_same_question_is_held_to_the_nth_answer_and_those_beyond_to_the_last():
    watcher, told = watched(asking(1, 2, 3), asking(1, 2, 3, 3))
    assert told == [[], [], [], []]
    assert watched(asking(1, 2, 3), asking(1, 3))[1] == [[], [("values", "/count")]]
    assert counts(watcher) == (4, 0, 0, 0)


def test_clients_are_held_to_one_recorded_session_after_the_other():
    recorded = joined(
        sample("health"), with_json(sample("health"), 0, lambda body: body.update(status="busy"))
    )
    live = joined(*[sample("health")] * 4)
    assert [bool(one) for one in watched(recorded, live)[1]] == [False, True, False, True]


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(monitored_sessions, "MOST_EXCHANGES", 2)
    monkeypatch.setattr(monitored_sessions, "MOST_SESSIONS", 2)
    sessions = MonitoredSessions()
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


def test_the_bytes_that_are_remembered_are_bounded(monkeypatch):
    monkeypatch.setattr(monitored_sessions, "MOST_BYTES", 5000)
    sessions = MonitoredSessions()
    exchange = sample("stream").exchange(0)
    added = [sessions.add(replace(exchange, number=number)) for number in range(4)]
    assert list(sessions._sessions) == [added[-1].number]


def test_a_job_is_told_once_though_it_is_polled_after_its_end():
    live = with_json(sample("job"), 4, lambda body: body.update(status="failed", error="broken"))
    again = replace(live.exchange(4), number=5)
    watcher, told = watched(sample("job"), Talk([*live.exchanges, again]))
    assert told[-2:] == [[("ending", "/status")], []]
    assert counts(watcher) == (0, 1, 0, 0)


@pytest.mark.parametrize(("seen", "unfinished"), [(1, 1), (4, 1), (5, 0)])
def test_a_job_that_has_not_ended_is_counted(seen, unfinished):
    watcher, _ = watched(sample("job"), Talk(sample("job").exchanges[:seen]))
    assert watcher.unfinished == unfinished
    assert watcher.same == 1 - unfinished


def test_what_took_long_is_compared_though_its_client_asked_much_since(monkeypatch):
    monkeypatch.setattr(monitored_sessions, "MOST_EXCHANGES", 3)
    first, *others = asking(1, 1, 1, 1, 1, 1).exchanges
    late = replace(others[0], number=1)
    watcher, told = watched(asking(1), Talk([first, *others[1:], late]), parse_rules(["-cookies"]))
    assert told == [[]] * 6
    assert counts(watcher) == (6, 0, 0, 0)


def test_the_bytes_of_one_client_are_bounded(monkeypatch):
    monkeypatch.setattr(monitored_sessions, "MOST_BYTES", 5000)
    sessions = MonitoredSessions()
    kept = [sessions.add(exchange) for exchange in asking(1, 2, 3, 4).exchanges][-1]
    assert [one.number for one in kept.exchanges] == [2, 3]
