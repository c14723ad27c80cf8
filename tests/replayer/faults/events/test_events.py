from __future__ import annotations

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings.sse import Decoder
from foundation.errors import UsageError
from replayer.faults.events import editor
from replayer.faults.language.spec import parse
from replayer.schedule.actions import Data, Finish, Head, moved
from tests.replayer.faults.apply_faults import (
    MS,
    after_fault,
    after_live_fault,
    answer,
    body,
    stream,
    streams,
)

SILENT = (Finish(40 * MS, "close"),)
BOM = b"\xef\xbb\xbf"
ONE, TWO, THREE = b"data: 1\n\n", b"event: b\ndata: 2\n\n", b"data: 3\n\n"

ALL = [
    "drop-event nth=2",
    "duplicate-event every=2",
    "reorder-events window=3",
    "insert-event after-events=1 event=error data={}",
    "insert-event after-bytes=30",
    "insert-event after-time=200ms",
    "rename-event to=other",
    "edit-event pointer=/progress set=99",
    "corrupt-event how=json",
    "corrupt-event how=utf8 probability=0.5",
    "corrupt-event how=cut",
    "silence",
]

NEUTRAL = [
    "drop-event type=absent",
    "duplicate-event nth=99",
    "reorder-events window=1",
    "reorder-events window=99",
    "insert-event after-events=99",
    "rename-event to=progress type=progress",
    "edit-event pointer=/absent/field set=99",
    "edit-event pointer=/absent remove",
    "edit-event pointer=/progress set=10",
    "silence type=progress",
]


def events(schedule):
    return [(event.type, event.data) for event in Decoder().feed(body(schedule)) if event.dispatched]


def without_times(schedule):
    return [moved(action, 0) for action in schedule]


@pytest.mark.parametrize("line", NEUTRAL)
@given(schedule=streams())
def test_neutral_parameters_change_nothing(line, schedule):
    assert after_fault(line, schedule) == schedule
    assert without_times(after_live_fault(line, schedule)) == without_times(schedule)


@pytest.mark.parametrize("line", ALL)
@given(schedule=streams(), seed=st.integers(0, 99))
def test_live_it_is_the_same(line, schedule, seed):
    changed = after_fault(line, schedule, seed=seed)
    assert without_times(after_live_fault(line, schedule, seed=seed)) == without_times(changed)
    assert [step.at for step in changed] == sorted(step.at for step in changed)


@pytest.mark.parametrize("line", ALL)
@pytest.mark.parametrize(
    "schedule", [SILENT, answer(b'{"progress": 1}'), stream(ONE, TWO, THREE, media_type="text/html")]
)
def test_other_answers_than_event_streams_stay(line, schedule):
    assert after_fault(line, schedule) == schedule


@pytest.mark.parametrize("line", ALL)
def test_a_stream_without_events_passes(line):
    assert events(after_fault(line, stream())) in ([], [("message", "{}")])


@pytest.mark.parametrize(
    ("line", "pieces", "after"),
    [
        ("drop-event nth=2", [ONE, TWO, THREE], [ONE, THREE]),
        ("drop-event type=b", [ONE + TWO + THREE], [ONE + THREE]),
        ("drop-event every=2", [ONE, b": ping\n\n", TWO, THREE], [ONE, b": ping\n\n", THREE]),
        ("drop-event first=2", [ONE, TWO, THREE], [THREE]),
        ("drop-event times=1", [ONE, TWO, THREE], [TWO, THREE]),
        ("drop-event", [BOM + ONE, TWO, b"data: cut"], [BOM, b"data: cut"]),
        ("duplicate-event type=b", [ONE, TWO, THREE], [ONE, TWO + TWO, THREE]),
        ("duplicate-event nth=1", [BOM + b"\n" + ONE, TWO], [BOM + b"\n" + ONE + ONE, TWO]),
        ("duplicate-event nth=1", [b"data: 1\r\n", b"\r\n"], [b"data: 1\r\n\r\ndata: 1\r\n\r\n"]),
        ("rename-event to=c", [ONE, TWO], [b"event: c\n" + ONE, b"event: c\ndata: 2\n\n"]),
        ("rename-event to=message", [ONE, TWO], [ONE, b"data: 2\n\n"]),
        ("rename-event to=é", [b"event:b\r\ndata: 2\r\n\r\n"], ["event:é\r\ndata: 2\r\n\r\n".encode()]),
        ("rename-event to=c", [b"event\rdata: 2\r\r"], [b"event: c\rdata: 2\r\r"]),
        ("rename-event to=c", [BOM + b": x\nid: 1\ndata: 2\nevent: a\n\n"],
         [BOM + b": x\nid: 1\ndata: 2\nevent: c\n\n"]),
        ("rename-event to=c", [b"event: a\ndata: 1\nevent: b\n\n"], [b"event: c\ndata: 1\n\n"]),
        ("rename-event to=c", [b"events: a\ndata: event: b\n\n"], [b"event: c\nevents: a\ndata: event: b\n\n"]),
        ("rename-event to=message", [b"data: 1\n: event: x\nevent: b\n\n"], [b"data: 1\n: event: x\n\n"]),
        ("edit-event pointer=/a set=2", [b'id: 1\ndata: {"a": 1, "b": 1.50}\n: c\n\n'],
         [b'id: 1\ndata: {"a": 2, "b": 1.5}\n: c\n\n']),
        ("edit-event pointer=/a set=null", [b'data:{"a":1}\r\n\r\n'], [b'data:{"a":null}\r\n\r\n']),
        ("edit-event pointer=/a remove", [b'data: {"a":1,\ndata: "b":"\xc3\xa9"}\n\n'],
         ['data: {"b":"é"}\n\n'.encode()]),
        ("edit-event pointer=/a/- set=x", [b'data: {"a": []}\n\n'], [b'data: {"a": ["x"]}\n\n']),
        ('edit-event pointer=/a set={"b":[1]}', [b'data: {"a":0}\n\n', b"data: {}\n\n"],
         [b'data: {"a":{"b":[1]}}\n\n', b'data: {"a":{"b":[1]}}\n\n']),
        ("edit-event pointer=/0 set=true", [b"data: [1]\n\n"], [b"data: [true]\n\n"]),
        ("edit-event pointer=/a set=2", [b"data: no JSON\n\n", b"data: 7\n\n"],
         [b"data: no JSON\n\n", b"data: 7\n\n"]),
        ("corrupt-event", [b'data: {"a": [1]}\nid: 1\n\n'], [b'data: {"a": [1]\nid: 1\n\n']),
        ("corrupt-event", [b"data: {\ndata: }\n\n"], [b"data: {\ndata: \n\n"]),
        ("corrupt-event", [b"data: 12\r\n\r\n"], [b"data: 12]\r\n\r\n"]),
        ("corrupt-event", [b'data: "a"\n\n'], [b'data: "a\n\n']),
        ("corrupt-event", [b"data: no JSON\n\n", b"data\n\n"], [b"data: no JSON\n\n", b"data\n\n"]),
        ("corrupt-event how=utf8", [b"event: data\ndata: 1234\n\n"], [b"event: data\ndata: 12\xff34\n\n"]),
        ("corrupt-event how=utf8", [b"data\n\n", b"data:\r\r"], [b"data: \xff\n\n", b"data:\xff\r\r"]),
        ("corrupt-event how=cut", [b"event: b\ndata: 1234\ndata: 5\nid: 1\n\n", ONE],
         [b"event: b\ndata: 12\n\n", b"data: \n\n"]),
        ("corrupt-event how=cut nth=1", [b"data: 1234\r\nid: 1\r\n\r\n", ONE], [b"data: 12\r\n\r\n", ONE]),
        ("silence", [b": ping\n\n", ONE, b"event: heartbeat\ndata: {}\n\n", TWO + b":\r\n\r\n" + b":\r\r"],
         [ONE, TWO]),
        ("silence", [b"event: heartbeat\n\n", b": a\nretry: 9\n\n", b": a\nid: 9\n\n", b": a\n" + ONE],
         [b": a\nretry: 9\n\n", b": a\nid: 9\n\n", b": a\n" + ONE]),
        ("silence type=heartbeat", [b": ping\n\n", b"event: heartbeat\ndata: {}\n\n"], [b": ping\n\n"]),
        ("silence nth=2", [b": a\n\n", b": b\n\n", b": c\n\n"], [b": a\n\n", b": c\n\n"]),
    ],
)  # fmt: skip
def test_events_and_only_they_are_changed(line, pieces, after):
    assert [step.data for step in after_fault(line, stream(*pieces)) if isinstance(step, Data)] == after


def test_what_is_dropped_moves_nothing():
    assert after_fault("drop-event nth=2", stream(ONE, TWO, THREE)) == (
        stream(ONE)[0], Data(200 * MS, ONE), Data(400 * MS, THREE), Finish(500 * MS, "complete"),
    )  # fmt: skip


@given(st.permutations(range(6)), st.integers(2, 4), st.integers(0, 99))
def test_reordered_events_keep_the_times_and_what_is_between_them(order, window, seed):
    numbered = [b"event: n\ndata: %d\n\n" % number for number in order]
    between = b"data: between\n\n: ping\n\n"
    changed = after_fault(f"reorder-events type=n window={window}", stream(*numbered, between), seed=seed)
    assert [step.at for step in changed] == [step.at for step in stream(*numbered, between)]
    after = [step.data for step in changed if isinstance(step, Data)]
    assert after.pop() == between
    for begin in range(0, 6, window):
        before, now = numbered[begin : begin + window], after[begin : begin + window]
        assert Counter(before) == Counter(now)
        assert (before == now) == (len(before) < window)


def test_all_orders_but_the_old_one_come():
    pieces = [b"data: %d\n\n" % number for number in range(3)]
    orders = Counter(
        body(after_fault("reorder-events window=3", stream(*pieces), seed=seed)) for seed in range(500)
    )
    assert set(orders) == {b"".join(order) for order in itertools.permutations(pieces)} - {b"".join(pieces)}
    assert min(orders.values()) > 50


def test_events_that_are_the_same_stay():
    assert after_fault("reorder-events", stream(ONE, ONE)) == stream(ONE, ONE)


def test_reordered_events_may_be_cut_and_share_pieces():
    schedule = stream(BOM + b"da", b"ta: 1\n\n: ping\n\neve", b"nt: b\ndata: 2\n\n" + THREE)
    pieces = [
        (step.at // MS, step.data)
        for step in after_fault("reorder-events", schedule)
        if isinstance(step, Data)
    ]
    assert pieces == [(200, BOM), (300, TWO + b": ping\n\n"), (400, ONE + THREE)]


def test_a_window_that_takes_too_much_memory_stays_in_order(monkeypatch):
    monkeypatch.setattr(editor, "MOST_HELD", 1000)
    pings = [b": ping\n\n"] * 10
    assert after_fault("reorder-events type=b", stream(TWO, *pings, TWO + THREE)) == stream(
        TWO, *pings, TWO + THREE
    )
    assert events(after_live_fault("reorder-events type=b", stream(TWO, *pings, b"event: b\ndata: 9\n\n", TWO))) == [
        ("b", "2"), ("b", "2"), ("b", "9"),
    ]  # fmt: skip


NEW = b"event: n\ndata: x\n\n"


@pytest.mark.parametrize(
    ("position", "pieces", "after"),
    [
        ("", [ONE, TWO], [(100, NEW), (200, ONE), (300, TWO)]),
        ("after-events=1", [ONE, TWO], [(200, ONE), (200, NEW), (300, TWO)]),
        ("after-events=1", [ONE + TWO], [(200, ONE), (200, NEW), (200, TWO)]),
        ("after-events=1 type=b", [ONE + TWO + THREE], [(200, ONE + TWO), (200, NEW), (200, THREE)]),
        ("after-events=3", [ONE, TWO], [(200, ONE), (300, TWO)]),
        ("after-bytes=1", [ONE + TWO], [(200, ONE), (200, NEW), (200, TWO)]),
        ("after-bytes=2", [b"da", b"ta: 1", b"\n\n" + TWO],
         [(200, b"da"), (300, b"ta: 1"), (400, b"\n\n"), (400, NEW), (400, TWO)]),
        ("after-bytes=10", [ONE, b"\n\n", TWO], [(200, ONE), (300, b"\n"), (300, NEW), (300, b"\n"), (400, TWO)]),
        ("after-bytes=9", [b"data: 1\r\n\r", b"\n", TWO],
         [(200, b"data: 1\r\n\r"), (200, NEW), (300, b"\n"), (400, TWO)]),
        ("after-bytes=11", [b"data: 1\r\n\r", b"\n", TWO],
         [(200, b"data: 1\r\n\r"), (300, b"\n"), (300, NEW), (400, TWO)]),
        ("after-bytes=1", [b"data: cut"], [(200, b"data: cut")]),
        ("fraction=1", [ONE, TWO], [(200, ONE), (300, TWO), (300, NEW)]),
        ("fraction=1", [ONE, b"data: cut"], [(200, ONE), (300, b"data: cut")]),
        ("after-time=0", [ONE], [(100, NEW), (200, ONE)]),
        ("after-time=250ms", [ONE, TWO], [(200, ONE), (250, NEW), (300, TWO)]),
        ("after-time=250ms", [b"data: ", b"1\n\n"], [(200, b"data: "), (300, b"1\n\n"), (300, NEW)]),
        ("after-time=1h", [ONE], [(200, ONE)]),
    ],
)  # fmt: skip
def test_an_event_is_inserted_between_others(position, pieces, after):
    line = f"insert-event event=n data=x {position}"
    for play in [after_fault] if "fraction" in line else [after_fault, after_live_fault]:
        changed = play(line, stream(*pieces))
        assert [(step.at // MS, step.data) for step in changed if isinstance(step, Data)] == after


@given(streams(), st.integers(0, 120))
def test_an_inserted_event_tears_no_other(schedule, position):
    old, new = (
        events(schedule),
        events(after_fault(f"insert-event event=n data=x after-bytes={position}", schedule)),
    )
    assert [event for event in new if event != ("n", "x")] == old


@pytest.mark.parametrize(
    ("parameters", "written"),
    [
        ("", b"data: {}\n\n"),
        ("event=message data=", b"data: \n\n"),
        ('event=error data={"error": "no"}', b'event: error\ndata: {"error":"no"}\n\n'),
        ("data='two words'", b"data: two words\n\n"),
        ('data="a\\nb"', b"data: a\ndata: b\n\n"),
        ("data=7", b"data: 7\n\n"),
        ("data=null", b"data: null\n\n"),
    ],
)
def test_the_inserted_event(parameters, written):
    assert body(after_fault(f"insert-event {parameters}", stream())) == written


def test_a_true_length_stays_true():
    head = Head(
        0, 200, "OK", (("Content-Type", "text/event-stream"), ("Content-Length", str(len(ONE + TWO))))
    )
    schedule = (head, Data(1, ONE + TWO), Finish(2, "complete"))
    assert after_fault("drop-event nth=1", schedule)[0].headers[1] == ("Content-Length", str(len(TWO)))


@pytest.mark.parametrize(
    "line",
    [
        "rename-event",
        "rename-event to=",
        "edit-event set=1",
        "edit-event pointer=a set=1",
        "edit-event pointer=/a set=1 remove",
        "corrupt-event how=xml",
        "reorder-events window=0",
        "insert-event event=",
        'insert-event event="a\\nb"',
        "insert-event event=a\udc80",
        "insert-event after-events=1 after-bytes=1",
    ],
)
def test_what_cannot_be(line):
    with pytest.raises(UsageError):
        parse(line)
