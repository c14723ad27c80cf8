from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from cassettes.file.format_v1 import encode
from cassettes.file.reader import Cassette
from cassettes.model import Header
from cassettes.samples import resolve
from comparison.compare import compare, compare_session, compare_sessions, summed
from comparison.conversation.recorded_sessions import Conversation, RecordedSessions
from comparison.result import Comparison, Difference, Place, SessionComparison, Uncompared
from comparison.rules.comparison_rules import parse_rules
from tests.cassettes.talk import Talk
from tests.comparison.mutants import (
    compared,
    differences_of,
    event,
    reminted,
    sample,
    stream,
    with_json,
    without,
)

JOB = sample("job")


def clients(count: int, *, first: str = "c", answer: str = "fine") -> Talk:
    """So many clients, each with a cookie of its own: all ask at first, then all ask again, in another order."""
    talk = Talk()
    cookies = [f"sid={first}{number:012x}" for number in range(count)]
    for number, cookie in enumerate(cookies):
        talk.add("/ask", body={"query": f"q{number}"}, gives=[cookie], answer={"answer": answer})
    for number in reversed(range(count)):
        talk.add(
            "/more",
            body={"of": f"q{number}"},
            cookies=cookies[number],
            answer={"answer": f"more of {number}"},
        )
    return talk


def test_sessions_are_compared_each_with_its_own():
    recorded, live = clients(20), clients(20, first="d")
    comparison = compared(recorded, live)
    assert (comparison.verdict, comparison.sessions, comparison.exchanges) == ("same", 20, 40)


def test_a_difference_says_where_it_is():
    live = clients(5, first="d")
    changed = with_json(live, 7, lambda body: body.update(answer="less"))
    (one,) = compared(clients(5), changed).differences
    assert one == Difference(
        aspect="values",
        change="changed",
        session=2,
        request="POST /more",
        at=Place(exchange=7),
        live_at=Place(exchange=7),
        pointer="/answer",
        recorded='"more of 2"',
        live='"less"',
        why="the value is another",
    )


def test_sessions_in_another_order():
    recorded = clients(3)
    order = [2, 1, 0, 5, 4, 3]
    live = Talk(replace(recorded.exchange(number), number=place) for place, number in enumerate(order))
    pairs = [one.pairs for one in compare_sessions(RecordedSessions.of(recorded), RecordedSessions.of(live))]
    assert pairs == [((0, 2), (5, 3)), ((1, 1), (4, 4)), ((2, 0), (3, 5))]


def test_what_has_no_counterpart_is_never_the_same():
    comparison = compared(clients(3), clients(2, first="d"))
    assert comparison.verdict == "could-not-compare"
    assert comparison.uncompared == (Uncompared(why="no live session asks this", session=2),)
    comparison = compared(clients(2), clients(3, first="d"))
    assert comparison.uncompared == (Uncompared(why="no recorded session asks this", live_session=2),)


def test_an_exchange_without_a_counterpart():
    live = without(clients(2, first="d"), [2])
    comparison = compared(clients(2), live)
    assert comparison.verdict == "could-not-compare"
    assert comparison.exchanges == 3
    (one,) = comparison.uncompared
    assert one == Uncompared(
        why="no live exchange asks this",
        session=1,
        live_session=1,
        request="POST /more",
        at=Place(exchange=2),
    )


def test_a_difference_stands_beside_what_could_not_be_compared():
    live = without(with_json(clients(2, first="d"), 0, lambda body: body.update(answer=1)), [2])
    comparison = compared(clients(2), live)
    assert (comparison.verdict, len(comparison.uncompared)) == ("different", 1)


def test_nothing_is_not_the_same_as_nothing():
    assert compared(Talk(), Talk()).verdict == "could-not-compare"
    assert summed([]).verdict == "could-not-compare"


def test_another_question_is_another_request():
    one, other = Talk(), Talk()
    one.add("/ask", body={"query": "a"}, answer={})
    other.add("/ask", body={"query": "b"}, answer={})
    assert compared(one, other).verdict == "could-not-compare"
    assert compared(one, other, parse_rules(ignored=["/query"])).verdict == "same"


@pytest.mark.parametrize(
    ("recorded", "live"),
    [
        ({"body": {"query": "a", "sent_at": 1732279868}}, {"body": {"sent_at": 1732279999, "query": "a"}}),
        ({"body": {"query": "a", "password": "x"}}, {"body": {"query": "a", "password": "y"}}),
    ],
)
def test_the_same_question(recorded, live):
    one, other = Talk(), Talk(origin="http://127.0.0.1:1")
    one.add("/ask?b=1&a=2", **recorded, answer={})
    other.add("/ask?a=2&b=1", **live, answer={})
    assert compared(one, other).verdict == "same"


def test_the_same_question_again_and_again():
    one, other = Talk(), Talk()
    for number in range(3):
        one.add("/count", answer={"count": number})
        other.add("/count", answer={"count": number})
    assert compared(one, other).verdict == "same"
    assert differences_of(compared(one, with_json(other, 1, lambda body: body.update(count=7)))) == [
        ("values", "changed", "/count")
    ]


def test_pairs_that_are_known():
    one, other = Talk(), Talk()
    one.add("/ask", body={"query": "a"}, answer={"n": 1})
    one.add("/ask", body={"query": "b"}, answer={"n": 2})
    other.add("/v2/ask", body={"question": "b"}, answer={"n": 2})
    other.add("/v2/ask", body={"question": "a"}, answer={"n": 3})
    sides = Conversation(4, one.exchanges), Conversation(9, other.exchanges)
    session = compare_session(*sides, pairs=[(0, 1), (1, 0)])
    assert (session.session, session.live_session, session.pairs) == (4, 9, ((0, 1), (1, 0)))
    assert [(one.session, one.pointer) for one in session.differences] == [(4, "/n")]
    assert [one.why for one in compare_session(*sides, pairs=[(0, 1)]).uncompared] == [
        "no live exchange asks this",
        "no recorded exchange asks this",
    ]


def test_polls_need_not_be_paired():
    sides = Conversation(0, JOB.exchanges), Conversation(0, reminted(JOB).exchanges)
    session = compare_session(*sides, pairs=[(0, 0)])
    assert (session.differences, session.uncompared, session.pairs) == ((), (), ((0, 0),))


def test_exchanges_of_a_live_run_have_any_numbers():
    live = [replace(one, number=one.number + 100) for one in reminted(JOB).exchanges]
    session = compare_session(Conversation(0, JOB.exchanges), Conversation(0, live))
    assert (session.differences, session.pairs) == ((), ((0, 100),))


def test_differences_beyond_the_bound_are_counted():
    recorded, live = (
        Conversation(0, stream([event("result", **{f"k{n}": n + by for n in range(5)})]).exchanges)
        for by in (0, 1)
    )
    session = compare_session(recorded, live, most=2)
    assert (len(session.differences), session.cut) == (2, 3)
    assert summed([session, session]).cut == 6


def test_sessions_are_read_when_they_are_asked_for():
    read = []

    class Source(Talk):
        def exchange(self, number):
            read.append(number)
            return super().exchange(number)

    recorded, live = RecordedSessions.of(Source(clients(3).exchanges)), RecordedSessions.of(clients(3))
    sessions = compare_sessions(recorded, live)
    next(sessions)
    read.clear()
    next(sessions)
    assert set(read) == {1, 4}


def test_cassettes_on_the_disk(tmp_path: Path):
    header = Header(version=1, created="2026-11-22T12:00:00.000000Z", recorder="test")
    path = tmp_path / "live.jsonl"
    path.write_bytes(encode([header, *reminted(JOB).records()]))
    with Cassette.open(resolve("job")) as recorded, Cassette.open(path) as live:
        assert compare(RecordedSessions.of(recorded), RecordedSessions.of(live)).verdict == "same"


def test_all_of_it_is_plain_data():
    live = without(with_json(clients(2, first="d"), 0, lambda body: body.update(answer=1)), [2])
    comparison = compared(clients(2), live)
    assert msgspec.json.decode(msgspec.json.encode(comparison), type=Comparison) == comparison
    session = next(compare_sessions(RecordedSessions.of(clients(2)), RecordedSessions.of(live)))
    assert msgspec.json.decode(msgspec.json.encode(session), type=SessionComparison) == session
