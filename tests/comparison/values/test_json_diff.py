from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from comparison.conversation.token_correspondence import Correspondence, SessionTokens
from comparison.rules.comparison_rules import STRICT, parse_rules
from comparison.rules.noise import Field, Noise
from comparison.values.json_diff import Comparer
from comparison.values.json_values import DEEPEST, PlainText, read
from comparison.values.scope import Scope
from foundation import json_pointer

ANSWER = (
    "Based on my analysis of 12 documents, the revenue grew by 8.2 percent in the last quarter of the year."
)
NO_TOKENS = SessionTokens({})


def found(recorded, live, rules=STRICT, tokens=(NO_TOKENS, NO_TOKENS), request="", event=""):
    comparer = Comparer(Scope(rules, request, event), Correspondence(*tokens))
    return list(comparer.compare(recorded, live))


def differences_of(*arguments, **named):
    return [(one.aspect, one.change, json_pointer.to_text(one.path)) for one in found(*arguments, **named)]


@pytest.mark.parametrize(
    ("recorded", "live"),
    [
        ({"a": 1, "b": [True, None]}, {"b": [True, None], "a": 1.0}),
        ({"at": "2026-11-22T14:11:10.388320"}, {"at": "2025-01-02T03:04:05.678901"}),
        ({"timestamp": 1732279868}, {"timestamp": 1732279999}),
        ({"elapsed_ms": 12}, {"elapsed_ms": 812}),
        ({"id": "req_0123abcd"}, {"id": "req_4567cdef"}),
        ({"access_token": "abcdef0123"}, {"access_token": "ghijkl4567"}),
        ({"token": "tok-abcdef0123"}, {"token": "tok-ghijkl4567"}),
        ({"response": ANSWER}, {"response": ANSWER.replace("grew", "rose")}),
        ({"message": "took 3.2 s"}, {"message": "took 4 s"}),
        ({"id": "txt-3fa9c1", "parent": "txt-3fa9c1"}, {"id": "txt-07bd42", "parent": "txt-07bd42"}),
        ({"id": "AbCdefGhijKlmnOp", "n": 1}, {"id": "9x2QaLz71bvTe4Wu", "n": 1}),
        ({"id": 183746192837461}, {"id": 283746192837462}),
        ({"obfuscation": "a1"}, {"obfuscation": "XzRJ8m0aDT0"}),
    ],
)
def test_the_same(recorded, live):
    assert differences_of(recorded, live) == []


@pytest.mark.parametrize(
    ("recorded", "live", "expected"),
    [
        ({"progress": 50}, {"progress": 60}, [("values", "changed", "/progress")]),
        ({"progress": 1732279868}, {"progress": 1732279869}, [("values", "changed", "/progress")]),
        ({"progress": 50}, {"progress": 50.5}, [("values", "changed", "/progress")]),
        ({"id": "doc-17"}, {"id": "doc-18"}, [("values", "changed", "/id")]),
        ({"id": 17}, {"id": 18}, [("values", "changed", "/id")]),
        ({"parent": "txt-3fa9c1"}, {"parent": "txt-07bd42"}, [("values", "changed", "/parent")]),
        ({"n": 10**400}, {"n": 1.5}, [("values", "changed", "/n")]),
        ({"ok": True}, {"ok": False}, [("values", "changed", "/ok")]),
        ({"ok": True}, {"ok": 1}, [("structure", "retyped", "/ok")]),
        ({"a": None}, {"a": {}}, [("structure", "retyped", "/a")]),
        ({"a": "1"}, {"a": 1}, [("structure", "retyped", "/a")]),
        ({"a": 1}, {}, [("structure", "removed", "/a")]),
        ({}, {"a/~": 1}, [("structure", "added", "/a~1~0")]),
        ({"a": None}, {}, [("structure", "removed", "/a")]),
        ({"status": "running"}, {"status": "failed"}, [("values", "changed", "/status")]),
        ({"message": "12 documents"}, {"message": "15 documents"}, [("values", "changed", "/message")]),
        ({"at": "2026-11-22T14:11:10Z"}, {"at": "soon"}, [("values", "changed", "/at")]),
        ({"id": "req_0123abcd"}, {"id": "tok_0123abcd"}, [("values", "changed", "/id")]),
        ({"token": "Hello"}, {"token": "Bye"}, [("values", "changed", "/token")]),
        ({"password": "x1"}, {"password": ""}, [("values", "changed", "/password")]),
        ({"response": ANSWER}, {"response": "No answer was found in any of the documents that I have read."},
         [("texts", "changed", "/response")]),
        ({"response": ANSWER}, {"response": ANSWER.replace("8.2", "9.2")}, [("texts", "changed", "/response")]),
        ({"response": ANSWER}, {"response": "no"}, [("values", "changed", "/response")]),
        ({"s": ["a", "b", "c"]}, {"s": ["a", "c"]}, [("structure", "removed", "/s/1")]),
        ({"s": ["a", "b", "c"]}, {"s": ["a", "x", "c"]}, [("values", "changed", "/s/1")]),
        ({"s": ["a", "b", "c"]}, {"s": ["c", "a", "b"]}, [("structure", "moved", "/s/2")]),
        ({"s": ["a", "b"]}, {"s": ["a", "b", "b"]}, [("structure", "duplicated", "/s/2")]),
        ({"s": [{"t": "A", "p": 1}, {"t": "B", "p": 2}]}, {"s": [{"t": "B", "p": 3}]},
         [("structure", "removed", "/s/0"), ("values", "changed", "/s/1/p")]),
        ([1, [2, [3]]], [1, [2, [4]]], [("values", "changed", "/1/1/0")]),
        (PlainText("[DONE]"), PlainText("[STOP]"), [("values", "changed", "")]),
        (PlainText("[DONE]"), "[DONE]", [("structure", "retyped", "")]),
    ],
)  # fmt: skip
def test_each_difference_is_found_in_its_place(recorded, live, expected):
    assert sorted(differences_of(recorded, live)) == sorted(expected)


def test_both_sides_and_the_reason():
    (one,) = found({"a": {"b": 50}}, {"a": {"b": "50"}})
    assert (one.recorded, one.live, one.why) == ("50", '"50"', "number became string")


@pytest.mark.parametrize("pointer", ["/a/b", "/*/b", "/a", "/*", "/a/*"])
def test_ignored(pointer):
    assert differences_of({"a": {"b": 1}}, {"a": {"b": 2}}, parse_rules(ignored=[pointer])) == []
    assert differences_of({"a": {"b": 1}, "c": 1}, {"a": {}, "c": 1}, parse_rules(ignored=[pointer])) == []


def test_what_is_not_ignored():
    assert differences_of({"a": 1, "b": 1}, {"a": 2, "b": 2}, parse_rules(ignored=["/a", "/b/c"])) == [
        ("values", "changed", "/b")
    ]


def test_tolerance_for_numbers():
    rules = parse_rules(tolerances=["number=0.1"])
    assert differences_of({"a": 100, "b": 100}, {"a": 110, "b": 120}, rules) == [("values", "changed", "/b")]


def test_tolerance_for_texts():
    other = "In my analysis of 12 papers I saw that revenue was 8.2 percent higher in the last quarter."
    assert differences_of(ANSWER, other) == [("texts", "changed", "")]
    assert differences_of(ANSWER, other, parse_rules(tolerances=["text=0.5"])) == []


@pytest.mark.parametrize(
    ("varies", "recorded", "live", "same"),
    [
        ("value", 1, 2, True),
        ("value", "a", "b", True),
        ("value", {"x": 1}, {"y": []}, True),
        ("value", 1, "a", False),
        ("any", 1, "a", True),
        ("presence", 1, 2, False),
        ("text", "short one", "shorter one", True),
        ("text", "short one", "nothing alike", False),
    ],
)
def test_a_field_that_varies(varies, recorded, live, same):
    similarity = 0.7 if varies == "text" else None
    rules = replace(
        STRICT, noise=Noise(fields=(Field(pointer="/a/*", varies=varies, similarity=similarity),))
    )
    assert (differences_of({"a": [recorded]}, {"a": [live]}, rules) == []) is same


@pytest.mark.parametrize(("varies", "same"), [("value", False), ("any", True), ("presence", True)])
def test_a_field_that_comes_and_goes(varies, same):
    rules = replace(STRICT, noise=Noise(fields=(Field(pointer="/a", varies=varies),)))
    assert (differences_of({"a": 1}, {}, rules) == []) is same
    assert (differences_of({}, {"a": 1}, rules) == []) is same


@pytest.mark.parametrize(
    ("request_", "event", "same"),
    [
        ("POST /a/b", "result", True),
        ("POST /a/*", "result", True),
        ("", "result", True),
        ("POST /a/*/c", "result", False),
        ("GET /a/b", "result", False),
        ("POST /a/b", "progress", False),
        ("POST /a/b", "", False),
    ],
)
def test_where_a_field_varies(request_, event, same):
    rules = replace(STRICT, noise=Noise(fields=(Field(pointer="/a", request=request_, event=event),)))
    assert (differences_of({"a": 1}, {"a": 2}, rules, request="POST /a/b", event="result") == []) is same


def tokens(*values, origin=""):
    return SessionTokens({value: number for number, value in enumerate(values)}, origin)


@pytest.mark.parametrize(
    ("recorded", "live", "same"),
    [
        ("job-one", "job-two-x", True),
        ("/jobs/job-one?a=1", "/jobs/job-two-x?a=1", True),
        ("http://rec:1/jobs/job-one", "http://live:2/jobs/job-two-x", True),
        ("http://rec:1/health", "http://live:2/health", True),
        ("http://rec:1/health", "http://live:2/other", False),
        ("http://rec:1/health", "http://else:2/health", False),
        ("/jobs/job-one?a=1", "/jobs/job-two-x?a=2", False),
        ("job-one", "session-b", False),
        ("job-one", "nothing", False),
        ("job-one job-one", "job-two-x session-b", False),
    ],
)
def test_tokens_stand_for_each_other(recorded, live, same):
    both = (
        tokens("job-one", "session-a", origin="http://rec:1"),
        tokens("job-two-x", "session-b", origin="http://live:2"),
    )
    issued = {"job": "job-one", "session": "session-a"}, {"job": "job-two-x", "session": "session-b"}
    differences = differences_of([issued[0], recorded], [issued[1], live], tokens=both)
    assert (differences == []) is same


def test_a_token_of_both_sides_is_the_same_one():
    both = tokens("job_0123456789abcdef"), tokens("job_0123456789abcdef")
    assert differences_of("job_0123456789abcdef", "job_fedcba9876543210", tokens=both) == [
        ("values", "changed", "")
    ]


def test_a_token_that_the_live_client_never_sent_back_is_known_by_its_shape():
    both = tokens("job_0123456789abcdef"), tokens()
    assert differences_of("job_0123456789abcdef", "job_fedcba9876543210", tokens=both) == []
    assert differences_of("job_0123456789abcdef", "job_1", tokens=both) == [("values", "changed", "")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_a_value_is_the_same_as_itself(value):
    assert found(value, json.loads(json.dumps(value))) == []


@given(JSON, JSON)
def test_what_one_side_lacks_the_other_has_more(one, other):
    mirror = {"added": "removed", "removed": "added"}
    here = [mirror.get(each.change, each.change) for each in found(one, other)]
    there = [each.change for each in found(other, one)]
    assert bool(here) == bool(there)
    if not ("duplicated" in here or "duplicated" in there):
        assert here.count("retyped") == there.count("retyped")


@given(st.dictionaries(st.text(max_size=5), JSON, min_size=1, max_size=5), st.data())
def test_a_field_that_is_removed_is_the_one_that_is_told(value, data):
    key = data.draw(st.sampled_from(sorted(value)))
    rest = {name: item for name, item in value.items() if name != key}
    (one,) = found(value, rest)
    assert (one.aspect, one.change, one.path) == ("structure", "removed", (key,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NaN",
        '{"a": 1e999}',
        "[" * 100_000,
        "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
        '"\\ud800"',
        "{'a': 1}",
    ],
)
def test_what_is_no_json_to_compare_is_a_text(text):
    assert read(text) == text
    assert isinstance(read(text), PlainText)
    assert found(read(text), read(text)) == []
    assert [one.change for one in found(read(text), read(f"{text}x"))] == ["changed"]


def test_of_equal_keys_the_last_one_counts():
    assert read('{"a": 1, "a": 2}') == {"a": 2}
