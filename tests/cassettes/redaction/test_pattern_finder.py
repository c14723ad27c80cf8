from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.redaction.pattern_finder import PatternFinder
from cassettes.redaction.rules import PatternRule, parse_rule


def found(rule, *pieces):
    finder = PatternFinder(parse_rule(rule))
    text, spans = b"", []
    for piece in pieces:
        text += piece
        spans += finder.scan(text, [], final=False)[0]
    spans += finder.scan(text, [], final=True)[0]
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        (
            "email",
            b"Mail ada.l+x@mail.example.com, or (bob@ex.org).",
            [b"ada.l+x@mail.example.com", b"bob@ex.org"],
        ),
        ("email", b"@home, a@b, git@host:path, user@localhost", []),
        ("phone", b"+49 170 1234567 or (030) 123-4567, 0170/x", [b"+49 170 1234567", b"(030) 123-4567"]),
        ("phone", b'{"at": 1732271234567, "date": "2026-11-22", "v": 0.12345678}', []),
        ("card", b"4111 1111 1111 1111 and 4111-1111-1111-1112", [b"4111 1111 1111 1111"]),
        ("card", b"378282246310005", [b"378282246310005"]),
        ("card", b"id 41111111111111111111111", []),
        ("regex:sk-[a-z]+", b"sk-abc sk- xsk-d", [b"sk-abc", b"sk-d"]),
        ("regex:foo|foobar", b"foobar", [b"foo"]),
        ("regex:a.*b|c", b"a c\nc a x b", [b"c", b"c", b"a x b"]),
        ("regex:(?i)ticket \\d{3,}\\b", b"TICKET 12 ticket 1234.", [b"ticket 1234"]),
    ],
)
def test_finds_the_same_at_any_split(rule, text, expected):
    assert found(rule, text) == expected
    assert found(rule, *(bytes([byte]) for byte in text)) == expected


@given(st.text("ab@.c 12+-4\n", max_size=60), st.lists(st.integers(0, 60), max_size=4))
@pytest.mark.parametrize("rule", ["email", "phone", "card", "regex:a+b?c|ab", "regex:(?<=a)b+(?=c)"])
def test_split_invariance(rule, text, cuts):
    data = text.encode()
    places = [0, *sorted(cuts), len(data)]
    pieces = [data[begin:end] for begin, end in itertools.pairwise(places)]
    assert found(rule, *pieces) == found(rule, data)


@pytest.mark.parametrize(
    ("rule", "text", "held"),
    [
        ("email", b"data: hello\n\n", 0),
        ("email", b"data: hello", 5),
        ("card", b"data: 4111 11", 7),
        ("regex:sk-[a-z]+", b"data: s", 1),
        ("regex:sk-[a-z]+", b"data: sk-abc", 6),
        ("regex:sk-[a-z]{3}", b"data: sk-abc.", 0),
    ],
)
def test_holds_back_what_may_become_a_match(rule, text, held):
    assert len(text) - PatternFinder(parse_rule(rule)).scan(text, [], final=False)[1] == held


def test_a_match_without_end_is_taken_in_pieces():
    finder = PatternFinder(PatternRule(rb"x[^z]*z"), longest=100)
    spans, held = finder.scan(b"--" + b"x" * 250, [], final=False)
    assert [tuple(span[:2]) for span in spans] == [(2, 102), (102, 202)]
    assert held == 202
