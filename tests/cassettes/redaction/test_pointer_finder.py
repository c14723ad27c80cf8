from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.redaction.pointer_finder import LONGEST_DOCUMENT, PointerFinder, find, leaves


@pytest.mark.parametrize(
    ("document", "path", "expected"),
    [
        (b'{"a": {"b": [1, "xyz", {"c": -2.5}]}}', ("a", "b", "1"), [b"xyz"]),
        (b'{"a": {"b": [1, "xyz", {"c": -2.5}]}}', ("a", "b"), [b"1", b"xyz", b"-2.5"]),
        (b'{"a": {"b": [1, "xyz", {"c": -2.5}]}}', ("a", "b", "2", "c"), [b"-2.5"]),
        (b'{"a": true, "a\\/b": "x", "c": null}', ("a/b",), [b"x"]),
        (b'{"a": {"x": "1"}, "x": "2"}', ("x",), [b"2"]),
        (b'[[["x"], ["y"]], "z"]', ("0", "1", "0"), [b"y"]),
        (b'["a, b", "c"]', ("1",), [b"c"]),
        (b'{"": "x"}', ("",), [b"x"]),
        (b'{"a": "cut', ("a",), [b"cut"]),
        (b'{"a": ""}', ("a",), []),
        (b"not json ] } , : at all", ("a",), []),
    ],
)
def test_finds_the_target(document, path, expected):
    assert [document[span.start : span.end] for span in find(document, [path])] == expected


JSON = st.recursive(
    st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(JSON)
def test_every_leaf_has_the_path_that_leads_to_it(value):
    document = json.dumps(value).encode()
    expected = list(walk(value))
    assert [(path, json.loads(quoted(document, span))) for path, span in leaves(document)] == expected


def walk(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from walk(inner, (*path, str(place)))
    else:
        yield path, value


def quoted(document, span):
    string = document[span.start - 1 : span.start] == b'"'
    return document[span.start - string : span.end + string]


@given(st.binary(max_size=200))
def test_any_bytes_are_read(data):
    assert all(0 <= span.start <= span.end <= len(data) for _, span in leaves(data))


EVENTS = b'event: a\ndata: {"ssn": "12"}\n\n: note\r\ndata: {\r\ndata: "ssn": 34}\r\n\r\ndata: {"x": {"ssn": 5}}\n\n'


def found(text, cuts, *, events, longest=LONGEST_DOCUMENT):
    finder = PointerFinder([("ssn",)], events=events, longest=longest)
    spans = []
    for end in cuts:
        spans += finder.scan(text[:end], [], final=False)[0]
    spans += finder.scan(text, [], final=True)[0]
    return [text[span.start : span.end] for span in spans]


def test_applies_to_the_data_of_each_event_at_any_split():
    assert found(EVENTS, [], events=True) == [b"12", b"34"]
    assert found(EVENTS, range(len(EVENTS)), events=True) == [b"12", b"34"]


def test_applies_to_a_document_when_it_is_complete():
    assert found(b'{"ssn": 12}', range(11), events=False) == [b"12"]


def test_holds_an_event_until_it_is_complete_and_nothing_then():
    finder = PointerFinder([("ssn",)], events=True)
    assert finder.scan(EVENTS[:20], [], final=False)[1] == 0
    assert finder.scan(EVENTS, [], final=False)[1] == len(EVENTS)


def test_a_document_that_is_too_long_is_secret_as_a_whole():
    text = b'data: {"x": "' + b"x" * 237 + b'", "ssn": 12}\n\ndata: {"ssn": 34}\n\n'
    for cuts in ([], range(len(text))):
        spans = found(text, cuts, events=True, longest=100)
        assert b"".join(spans[:-1]) == text[: text.index(b"\n\n") + 2]
        assert [len(span) for span in spans[:2]] == [100, 100]
        assert spans[-1] == b"34"
