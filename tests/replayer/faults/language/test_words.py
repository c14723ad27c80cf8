from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.faults.language.words import quoted, unquoted, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("  \t ", []),
        ("reset", ["reset"]),
        (" reset  after-events=3\n", ["reset", "after-events=3"]),
        ("status body='not found' code=404", ["status", "body='not found'", "code=404"]),
        ('status body="not \\" found"', ["status", 'body="not \\" found"']),
        ("x message=it's over", ["x", "message=it's", "over"]),
        (
            'insert-event data={"a": [1, "} 2"]} event=x',
            ["insert-event", 'data={"a": [1, "} 2"]}', "event=x"],
        ),
        ("x data={'a': 1} b=2", ["x", "data={'a': 1}", "b=2"]),
        (f"{'a' * 40}='b c'", [f"{'a' * 40}='b c'"]),
        # No name is so long, and each of many quotes would read all of it.
        (f"{'a' * 41}='b c", [f"{'a' * 41}='b", "c"]),
    ],
)
def test_blanks_cut_but_not_in_quotes_and_brackets(text, found):
    assert words(text) == found


@pytest.mark.parametrize("text", ["x body='not found", 'x body="', 'x data={"a": 1', "x data=[1 y=2"])
def test_what_is_left_open_is_told(text):
    with pytest.raises(ValueError, match="has no end: a quote or a bracket is left open"):
        words(text)


@given(st.text())
def test_any_text_gives_words_or_says_what_is_wrong(text):
    try:
        found = words(text)
    except ValueError:
        return
    assert "".join("".join(found).split()) == "".join(text.split())


@given(st.text())
def test_a_quoted_text_is_one_word_and_reads_as_itself(text):
    (word,) = words(f"key={quoted(text)}")
    assert unquoted(word.removeprefix("key=")) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), ("'a b'", "a b"), ('"a\\nb"', "a\nb"), ("'", "'"), ('"\\x"', "\\x"), ("''", "")],
)
def test_quotes_around_a_value_are_not_part_of_it(value, text):
    assert unquoted(value) == text
