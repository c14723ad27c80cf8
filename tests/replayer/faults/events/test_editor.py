from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings.sse import SSE, Decoder
from replayer.faults.events import editor
from replayer.faults.events.editor import EventEditor
from replayer.faults.injection.pipeline import FaultStage, through
from replayer.schedule.actions import Data, Finish, Idle, Raw
from tests.replayer.faults.apply_faults import MS, body, stream, streams

BOM = b"\xef\xbb\xbf"


def edited(schedule, edit):
    return through(schedule, EventEditor(SSE, edit).feed)


def pieces(schedule):
    return [(step.at // MS, step.data) for step in schedule if isinstance(step, Data)]


def upper_twos(event, raw):
    """An edit of the events whose data is 2."""
    return raw.upper() if event.data == "2" else raw


def no_twos(event, raw):
    return b"" if event.data == "2" else raw


def events(data):
    return [(event.type, event.data) for event in Decoder().feed(data) if event.dispatched]


@given(streams())
def test_what_is_not_edited_is_the_very_same(schedule):
    assert edited(schedule, lambda _event, raw: raw) == schedule


@pytest.mark.parametrize(
    ("cut", "edit", "expected"),
    [
        ([b"data: 1\n\ndata: 2\n\ndata: 3\n\n"], upper_twos, [(200, b"data: 1\n\nDATA: 2\n\ndata: 3\n\n")]),
        ([b"data: 1\n\nda", b"ta: ", b"2\n\ndata: 3\n\n"], upper_twos,
         [(200, b"data: 1\n\n"), (400, b"DATA: 2\n\ndata: 3\n\n")]),
        ([b"data: 1\n\nda", b"ta: 2\n", b"\n"], no_twos, [(200, b"data: 1\n\n")]),
        ([b"data: 2\n\n", b"data: 3\n", b"\n"], no_twos, [(300, b"data: 3\n"), (400, b"\n")]),
        ([b"data: 2\r\n\r", b"\ndata: 3\r\n\r\n"], upper_twos,
         [(200, b"DATA: 2\r\n\r"), (300, b"\ndata: 3\r\n\r\n")]),
        ([b"data: 1\r\n\r", b"\nda", b"ta: 2\r\n\r\n"], no_twos, [(200, b"data: 1\r\n\r"), (300, b"\n")]),
        ([b"data: 2\r\rdata: 3\r\r"], no_twos, [(200, b"data: 3\r\r")]),
        ([BOM + b"data: 2\n\ndata: 3\n\n"], no_twos, [(200, BOM + b"data: 3\n\n")]),
        ([b"data: 1\n\n" + BOM + b"id: 7\ndata: 2\n\ndata: 3\n\n"], no_twos, [(200, b"data: 1\n\ndata: 3\n\n")]),
        ([b"\xef", b"\xbb", b"\xbfdata: 2\n\n"], upper_twos,
         [(200, b"\xef"), (300, b"\xbb"), (400, b"\xbfDATA: 2\n\n")]),
        ([b"data: 1\n\n" + BOM + b"data: 9\ndata: 2\n\n"], upper_twos,
         [(200, b"data: 1\n\n" + (BOM + b"data: 9\ndata: 2\n\n").upper())]),
        ([b": a\n\n\n: b\ndata: 2\n: c\n\n"], upper_twos, [(200, b": a\n\n\n: B\nDATA: 2\n: C\n\n")]),
        ([b"data: 1\n\ndata: 2\n"], no_twos, [(200, b"data: 1\n\ndata: 2\n")]),
    ],
)  # fmt: skip
def test_an_edited_event_comes_with_the_piece_that_completed_it(cut, edit, expected):
    assert pieces(edited(stream(*cut), edit)) == expected


EVENTS = [b"data: 2", b": c\ndata: 2", b"event: a\ndata: 1", b": ping", b"data: 3\nid: 1"]


@given(
    st.sampled_from([b"", BOM]),
    st.lists(st.tuples(st.sampled_from(EVENTS), st.sampled_from([b"\n", b"\r", b"\r\n"])), max_size=6),
    st.sets(st.integers(1, 80)),
)
def test_at_any_split_the_same_events_are_edited(bom, blocks, cuts):
    whole = bom + b"".join(block.replace(b"\n", end) + end + end for block, end in blocks)
    ends = sorted({0, *(cut for cut in cuts if cut < len(whole)), len(whole)})
    schedule = stream(*(whole[begin:end] for begin, end in pairwise(ends) if end > begin))
    left = [event for event in events(whole) if event[1] != "2"]
    assert events(body(edited(schedule, no_twos))) == left
    doubled = [event for event in events(whole) for _ in range(1 + (event[1] == "2"))]
    twice = edited(schedule, lambda event, raw: raw + raw if event.data == "2" else raw)
    assert events(body(twice)) == doubled


def test_a_live_event_is_held_until_it_is_whole():
    passage = FaultStage(EventEditor(SSE, upper_twos).feed)
    fed = [Data(1, b"data: 1\n\n"), Data(2, b"data: "), Idle(5), Data(6, b"2\n\n"), Finish(7, "complete")]
    assert [list(passage.feed(step)) for step in fed] == [
        [Data(1, b"data: 1\n\n")],
        [],
        [Idle(5)],
        [Data(6, b"DATA: 2\n\n")],
        [Finish(7, "complete")],
    ]


def test_an_event_that_is_too_long_passes_as_it_comes(monkeypatch):
    monkeypatch.setattr(editor, "MOST_HELD", 1000)
    piece = Data(1, b"x" * (500 - editor.OVERHEAD))
    feed = EventEditor(SSE, lambda _event, _raw: b"").feed
    assert [list(feed(step)) for step in [piece] * 4] == [[], [], [piece] * 3, [piece]]
    assert list(feed(Data(2, b"\n\ndata: 2\n\n"))) == [Data(2, b"\n\ndata: 2\n\n")]
    assert list(feed(Finish(3, "complete"))) == [Finish(3, "complete")]


def test_bytes_outside_the_framing_keep_their_place():
    schedule = (
        *stream(b"data: 2")[:-1],
        Raw(300 * MS, b"x"),
        Data(300 * MS, b"\n\n"),
        Finish(300 * MS, "close"),
    )
    assert edited(schedule, no_twos) == schedule
