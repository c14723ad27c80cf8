from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings.sse import Decoder
from replayer.faults.injection.pipeline import through
from replayer.faults.position import Positioned
from replayer.schedule.actions import Data, Finish, Head, Raw
from tests.replayer.faults.apply_faults import MS, after_live_fault, body, context, stream, streams

MARK = b"|"
EVENTS = stream(b"data: 1\n\nevent: b\nda", b"ta: 2\n\n", b": ping\n\ndata: 3\n\n")
"""Pieces at 200, 300 and 400 ms, the end at 500 ms."""


@dataclass(frozen=True, kw_only=True)
class Mark(Positioned):
    """Shows its position."""

    called = "mark"
    example = "mark"

    def at_position(self, at, context):
        return (Raw(at, MARK),)


@dataclass(frozen=True, kw_only=True)
class MarkAtEnd(Mark):
    """Without a position, it is at the end."""

    without_position = "end"


def marked(fault, schedule, **facts):
    """Milliseconds and bytes; H for the head, E for the end."""
    changed = through(schedule, fault.begin(context(schedule, **facts)))
    named = {Head: b"H", Finish: b"E"}
    return [(step.at // MS, named.get(type(step)) or step.data) for step in changed]


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        ({}, [(100, b"H"), (100, b"|"), (200, b"abcd"), (300, b"efgh"), (400, b"E")]),
        ({"after_bytes": 0}, [(100, b"H"), (100, b"|"), (200, b"abcd"), (300, b"efgh"), (400, b"E")]),
        ({"after_bytes": 1}, [(100, b"H"), (200, b"a"), (200, b"|"), (200, b"bcd"), (300, b"efgh"), (400, b"E")]),
        ({"after_bytes": 4}, [(100, b"H"), (200, b"abcd"), (200, b"|"), (300, b"efgh"), (400, b"E")]),
        ({"after_bytes": 6}, [(100, b"H"), (200, b"abcd"), (300, b"ef"), (300, b"|"), (300, b"gh"), (400, b"E")]),
        ({"after_bytes": 8}, [(100, b"H"), (200, b"abcd"), (300, b"efgh"), (300, b"|"), (400, b"E")]),
        ({"after_bytes": 9}, [(100, b"H"), (200, b"abcd"), (300, b"efgh"), (400, b"E")]),
        ({"fraction": 0.0}, [(100, b"H"), (100, b"|"), (200, b"abcd"), (300, b"efgh"), (400, b"E")]),
        ({"fraction": 0.5}, [(100, b"H"), (200, b"abcd"), (200, b"|"), (300, b"efgh"), (400, b"E")]),
        ({"fraction": 1.0}, [(100, b"H"), (200, b"abcd"), (300, b"efgh"), (300, b"|"), (400, b"E")]),
        ({"after_time": 0}, [(0, b"|"), (100, b"H"), (200, b"abcd"), (300, b"efgh"), (400, b"E")]),
        ({"after_time": 200 * MS}, [(100, b"H"), (200, b"|"), (200, b"abcd"), (300, b"efgh"), (400, b"E")]),
        ({"after_time": 250 * MS}, [(100, b"H"), (200, b"abcd"), (250, b"|"), (300, b"efgh"), (400, b"E")]),
        ({"after_time": 400 * MS}, [(100, b"H"), (200, b"abcd"), (300, b"efgh"), (400, b"|"), (400, b"E")]),
        ({"after_time": 401 * MS}, [(100, b"H"), (200, b"abcd"), (300, b"efgh"), (400, b"E")]),
    ],
)  # fmt: skip
def test_positions_in_bytes_and_time(position, expected):
    assert marked(Mark(**position), stream(b"abcd", b"efgh")) == expected


@pytest.mark.parametrize(
    ("position", "before"),
    [
        ({"after_events": 0}, b""),
        ({"after_events": 1}, b"data: 1\n\n"),
        ({"after_events": 2}, b"data: 1\n\nevent: b\ndata: 2\n\n"),
        ({"after_events": 3}, b"data: 1\n\nevent: b\ndata: 2\n\n: ping\n\ndata: 3\n\n"),
        ({"after_events": 1, "type": "b"}, b"data: 1\n\nevent: b\ndata: 2\n\n"),
        (
            {"after_events": 2, "type": "message"},
            b"data: 1\n\nevent: b\ndata: 2\n\n: ping\n\ndata: 3\n\n",
        ),
        ({"after_events": 2, "type": "b"}, None),
        ({"after_events": 4}, None),
    ],
)
def test_positions_in_events(position, before):
    pieces = [data for _, data in marked(Mark(**position), EVENTS)]
    assert (b"".join(pieces[1 : pieces.index(MARK)]) if MARK in pieces else None) == before
    assert b"".join(data for data in pieces if data != MARK) == b"H" + body(EVENTS) + b"E"


def test_the_share_of_a_live_body_is_nowhere():
    assert MARK not in [data for _, data in marked(Mark(fraction=0.5), EVENTS, size=None)]


def test_a_position_at_the_end_is_behind_the_body():
    assert marked(MarkAtEnd(), stream(b"a")) == [(100, b"H"), (200, b"a"), (300, b"|"), (300, b"E")]
    assert marked(MarkAtEnd(after_bytes=0), stream(b"a"))[1] == (100, b"|")


@pytest.mark.parametrize("position", [{}, {"after_bytes": 0}, {"after_events": 0}, {"fraction": 0.0}])
def test_a_connection_that_ends_without_an_answer_has_no_position(position):
    assert marked(Mark(**position), (Finish(0, "close"),)) == [(0, b"E")]


def test_a_live_answer_that_is_silent_is_struck_in_time():
    assert after_live_fault(Mark(after_time=250 * MS), stream(b"a", b"b"))[2] == Raw(250 * MS, MARK)


def test_one_position_is_enough():
    with pytest.raises(
        ValueError, match="give one of after-events=, after-bytes=, after-time= and fraction="
    ):
        Mark(after_events=1, after_bytes=1)


@given(streams(), st.integers(0, 200))
def test_bytes_are_counted_whatever_the_chunks_are(schedule, position):
    changed = through(schedule, Mark(after_bytes=position).begin(context(schedule)))
    places = [place for place, step in enumerate(changed) if isinstance(step, Raw)]
    assert len(places) == (position <= len(body(schedule)))
    assert body(changed) == body(schedule)
    assert all(len(body(changed[:place])) == position for place in places)


@given(streams(), st.integers(0, 6), st.sampled_from([None, "progress", "message"]))
def test_events_are_counted_whatever_the_chunks_are(schedule, position, kind):
    changed = through(schedule, Mark(after_events=position, type=kind).begin(context(schedule)))
    places = [place for place, step in enumerate(changed) if isinstance(step, Raw)]
    assert len(places) == (position <= counted(body(schedule), kind))
    assert body(changed) == body(schedule)
    for place in places:
        assert counted(body(changed[:place]), kind) == position
        assert position == 0 or counted(body(changed[:place]).rstrip(), kind) == position - 1


def counted(data, kind):
    return sum(event.dispatched and kind in {None, event.type} for event in Decoder().feed(data))


def test_a_piece_that_is_not_cut_is_the_very_same():
    schedule = stream(b"data: 1\n\n", b"data: 2\n\n")
    changed = through(schedule, Mark(after_events=1).begin(context(schedule)))
    assert [step for step in changed if isinstance(step, Data)] == list(schedule[1:-1])
