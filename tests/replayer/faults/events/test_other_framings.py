"""Faults edit the events of every framing, and write valid ones again."""

from __future__ import annotations

import json

import pytest

from cassettes.framings.aws_event_stream import AWS_EVENT_STREAM
from cassettes.framings.delimited import CODED_LINES, JSON_LINES, NUL_SEPARATED
from cassettes.framings.event import Event
from cassettes.framings.json_sequence import JSON_SEQUENCE
from cassettes.framings.multipart import Multipart
from foundation.errors import UsageError
from tests.replayer.faults.apply_faults import after_fault, after_live_fault, body, stream

FRAMINGS = {
    "application/x-ndjson": JSON_LINES,
    "application/json": JSON_LINES,
    "text/plain": NUL_SEPARATED,
    "": CODED_LINES,
    "application/json-seq": JSON_SEQUENCE,
    "application/vnd.amazon.eventstream": AWS_EVENT_STREAM,
    "multipart/mixed; boundary=b": Multipart("b"),
}
BY_TYPE = pytest.mark.parametrize("media", FRAMINGS)
TEXTS = ["one", "two", "three"]


def spoken(media):
    framing = FRAMINGS[media]
    pieces = [framing.encode(Event(data=json.dumps({"t": text}))) for text in TEXTS]
    ends = [b"--b--\r\n"] if media.startswith("multipart") else []
    return stream(*pieces, *ends, media_type=media)


def heard(media, schedule):
    decoder = FRAMINGS[media].decoder()
    last = [*decoder.feed(body(schedule)), decoder.close()]
    return [event.data for event in last if event is not None and event.dispatched]


@BY_TYPE
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("drop-event nth=2", ['{"t": "one"}', '{"t": "three"}']),
        ("duplicate-event nth=3", ['{"t": "one"}', '{"t": "two"}', '{"t": "three"}', '{"t": "three"}']),
        ("edit-event pointer=/t set=2 nth=1", ['{"t": 2}', '{"t": "two"}', '{"t": "three"}']),
        ("lose-field pointer=/t nth=3", ['{"t": "one"}', '{"t": "two"}', "{}"]),
        ("insert-event data={} after-events=1", ['{"t": "one"}', "{}", '{"t": "two"}', '{"t": "three"}']),
        ("corrupt-event nth=2", ['{"t": "one"}', '{"t": "two"', '{"t": "three"}']),
        ("no-last-blank-line", ['{"t": "one"}', '{"t": "two"}', '{"t": "three"}']),
    ],
)
def test_events_are_edited_and_the_others_stay(media, line, expected):
    if media == "application/json-seq" and "corrupt" in line:
        expected = [expected[0], expected[2]]  # a text that is no JSON is none of the sequence
    changed = after_fault(line, spoken(media))
    assert heard(media, changed) == expected
    assert body(after_live_fault(line, spoken(media))) == body(changed)


@BY_TYPE
def test_what_is_not_hit_is_the_very_same(media):
    assert after_fault("drop-event nth=9", spoken(media)) == spoken(media)
    assert body(after_live_fault("edit-event pointer=/x/y set=1", spoken(media))) == body(spoken(media))


@BY_TYPE
def test_positions_count_events(media):
    kept = body(after_fault("truncate after-events=2", spoken(media)))
    whole = body(spoken(media))
    assert whole.startswith(kept)
    assert len(kept) < len(whole)
    assert b"two" in kept
    assert b"three" not in kept


def test_a_damaged_frame_keeps_its_checksums_right():
    changed = after_fault("corrupt-event how=utf8 nth=1", spoken("application/vnd.amazon.eventstream"))
    assert len(heard("application/vnd.amazon.eventstream", changed)) == 3


def test_a_type_is_renamed_where_there_are_types():
    changed = after_fault("rename-event to=other", spoken("application/vnd.amazon.eventstream"))
    assert {event.type for event in AWS_EVENT_STREAM.decoder().feed(body(changed))} == {"other"}
    assert after_fault("rename-event to=other", spoken("application/x-ndjson")) == spoken(
        "application/x-ndjson"
    )


def test_an_event_that_the_framing_cannot_say_is_refused():
    with pytest.raises(UsageError, match="one character"):
        after_fault("insert-event event=error data={} after-events=1", spoken(""))


def test_rate_and_latency_move_events():
    media = "application/x-ndjson"
    assert heard(media, after_fault("rate events=2", spoken(media))) == heard(media, spoken(media))
    assert after_fault("rate events=2", spoken(media))[-1].at > spoken(media)[-1].at
