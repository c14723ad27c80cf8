from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.faults.editing.json_bodies import (
    MOST_HELD,
    OVERHEAD,
    JsonBodyEditor,
    edit_json_bodies,
    edited_json,
)
from replayer.faults.injection.pipeline import through
from replayer.schedule.actions import Data, Finish, Head, Raw
from tests.replayer.faults.apply_faults import MS, answer, body, stream

JSON = Head(0, 200, "OK", (("Content-Type", "application/json"),))


def add(document):
    return document | {"b": 2}


def test_a_document_that_is_not_changed_keeps_its_spelling():
    text = ' { "a":1.50,\n"b" : "\\u00e9" }\n'
    assert edited_json(text, lambda document: document) is text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}', '{"a": 1, "b": 2}'),
        ('{"a":1}', '{"a":1,"b":2}'),
        ('{"a": "é"}', '{"a": "é", "b": 2}'),
        ('{"a": "\\u00e9"}', '{"a": "\\u00e9", "b": 2}'),
        ('{"a": "é\\ud800"}', '{"a": "\\u00e9\\ud800", "b": 2}'),
        ('{"a": NaN}', '{"a": NaN, "b": 2}'),
    ],
)
def test_a_changed_one_is_spelled_as_it_was(text, expected):
    assert edited_json(text, add) == expected


@pytest.mark.parametrize(
    "text", ["", "no JSON", '{"a": 1', "[" * 100_000, '{"a": ' + "1" * 5000 + "}", '\ufeff{"a": 1}']
)
def test_what_is_no_json_stays(text):
    assert edited_json(text, add) is text


@pytest.mark.parametrize(("text", "value"), [("[1]", True), ("[true]", 1), ("[1]", 1.0), ("[0]", False)])
def test_values_that_python_takes_for_equal_are_a_change(text, value):
    assert edited_json(text, lambda _document: [value]) == json.dumps([value])


def test_a_body_is_sent_when_its_last_piece_would_be():
    schedule = stream(b'{"a"', b": 1", b"}", media_type="application/json")
    head, *data, end = through(schedule, edit_json_bodies(add))
    assert (head, end) == (schedule[0], schedule[-1])
    assert data == [Data(400 * MS, b'{"a": 1, "b": 2}')]


@pytest.mark.parametrize("media_type", ["application/problem+json", "Application/JSON; charset=utf-8"])
def test_every_json_is_one(media_type):
    assert body(through(answer(b"{}", media_type=media_type), edit_json_bodies(add))) == b'{"b":2}'


@pytest.mark.parametrize(
    "schedule",
    [
        stream(b'data: {"a": 1}\n\n'),
        answer(b"{}", media_type="text/plain"),
        answer(b'{"a": "\xff"}'),
        stream(b'{"a"', b": 1", media_type="application/json", ending="reset"),
        (JSON, Finish(1, "complete")),
        (Finish(0, "close"),),
    ],
    ids=["a stream", "no JSON", "no UTF-8", "cut short", "nothing", "no answer"],
)
def test_other_answers_pass_as_they_are(schedule):
    assert through(schedule, edit_json_bodies(add)) == schedule


def test_bytes_outside_the_framing_keep_their_place():
    schedule = (JSON, Data(1, b"{"), Raw(2, b"garbage"), Data(3, b"}"), Finish(4, "complete"))
    assert through(schedule, edit_json_bodies(add)) == schedule


def test_a_body_that_is_too_long_passes_as_it_comes():
    bodies = JsonBodyEditor(add)
    list(bodies.feed(JSON))
    piece = Data(1, b" " * (MOST_HELD // 2 - OVERHEAD))
    assert [len(list(bodies.feed(step))) for step in (piece, piece, piece, piece)] == [0, 0, 3, 1]
    assert list(bodies.feed(Finish(2, "complete"))) == [Finish(2, "complete")]


@given(st.sets(st.integers(1, 15)), st.sampled_from([b'{"a": "\xc3\xa9\xe8\xaa\x9e"}', b'{"a": 1, "b": 3}']))
def test_any_split_gives_the_same_document(cuts, whole):
    ends = sorted({0, *(cut for cut in cuts if cut < len(whole)), len(whole)})
    pieces = [whole[begin:end] for begin, end in pairwise(ends)]
    schedule = stream(*pieces, media_type="application/json")
    assert json.loads(body(through(schedule, edit_json_bodies(add)))) == add(json.loads(whole))
    assert through(schedule, edit_json_bodies(lambda document: document)) == schedule
