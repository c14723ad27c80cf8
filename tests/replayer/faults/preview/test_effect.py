"""A schedule before and after, as data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.faults.preview.effect import effect, parts
from replayer.schedule.actions import Data, Finish, Head, Raw
from replayer.schedule.pace import scale
from tests.replayer.faults.apply_faults import MS, after_fault, answer, stream, streams

PROGRESS, RESULT = b"event: progress\ndata: 1\n\n", b"event: result\ndata: 2\n\n"


def changes(before, after):
    """What is not the same: how it changed, its times in milliseconds, and what it is."""
    return [
        (row.change, *(None if at is None else at // MS for at in (row.before, row.after)), row.what)
        for row in effect(before, after)
        if row.change != "same"
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("reset after-events=1", [
            ("gone", 300, None, "result"), ("gone", 400, None, "end"), ("new", None, 200, "end"),
        ]),
        ("drop-event type=progress", [("gone", 200, None, "progress")]),
        ("duplicate-event type=result", [("gone", 300, None, "result"), ("new", None, 300, "result+result")]),
        ("stall after-events=1 time=1s", [("moved", 300, 1300, "result"), ("moved", 400, 1400, "end")]),
        ("header set=A:b", [("new", None, 100, "header")]),
        ("header drop=Content-Type", [
            ("gone", 100, None, "header"),
        ]),
        ("delay time=1s path=/else", []),
    ],
)  # fmt: skip
def test_what_a_fault_does(line, expected):
    before = stream(PROGRESS, RESULT)
    after = after_fault(line, before) if "path" not in line else before
    assert sorted(changes(before, after), key=str) == sorted(expected, key=str)


def test_all_parts_of_an_answer():
    head = Head(1, 200, "OK", (("Content-Type", "text/event-stream"),))
    blocks = [b": ping\n\n", PROGRESS[:9], PROGRESS[9:] + RESULT, b"\xc3"]
    schedule = (head, *(Data(2, block) for block in blocks), Raw(3, b"zz"), Finish(4, "reset"))
    assert [(part.at, part.what, part.data) for part in parts(schedule)] == [
        (1, "head", "200 OK"),
        (1, "header", "Content-Type: text/event-stream"),
        (2, "comment", ": ping\n\n"),
        (2, "part", "event: pr"),
        (2, "progress+result", "ogress\ndata: 1\n\nevent: result\ndata: 2\n\n"),
        (2, "part", r"\xc3"),
        (3, "raw", "zz"),
        (4, "end", "reset"),
    ]


def test_what_is_no_stream_is_a_body_and_another_answer_is_new():
    before = answer(b'{"a": 1}')
    rows = effect(before, after_fault("status code=404 body=none", before))
    assert {(row.change, row.what, row.data) for row in rows if row.what in {"head", "body"}} == {
        ("gone", "head", "200 OK"),
        ("new", "head", "404 Not Found"),
        ("gone", "body", '{"a": 1}'),
        ("new", "body", "none"),
    }


@given(streams())
def test_nothing_changes_by_nothing(schedule):
    assert {row.change for row in effect(schedule, schedule)} == {"same"}


@given(streams())
def test_another_speed_only_moves(schedule):
    assert {row.change for row in effect(schedule, scale(schedule, 3))} <= {"same", "moved"}


@given(
    streams(),
    st.sampled_from(["truncate after-bytes=9", "drop-event", "slice size=5", "reorder-events window=2"]),
)
def test_both_schedules_are_in_it_whole_and_in_their_order(before, line):
    after = after_fault(line, before)
    rows = effect(before, after)
    old = [(row.before, row.data) for row in rows if row.change != "new"]
    new = [(row.after, row.data) for row in rows if row.change != "gone"]
    assert old == [(part.at, part.data) for part in parts(before)]
    assert new == [(part.at, part.data) for part in parts(after)]
