from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.values.text_similarity import excerpts, has_other_numbers, is_prose, similarity

ANSWER = "Revenue grew by 8.2 percent while the operating margin stayed at 31 percent in the last quarter."


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        (ANSWER, True),
        ("", False),
        ("running", False),
        ("Loading relevant documents...", False),
        ("https://example.org/a/very/long/url/that/is/no/prose/at/all", False),
        ('{"progress": 50, "message": "this is no JSON but it once was', False),
    ],
)
def test_what_is_prose(text, prose):
    assert is_prose(text) is prose


def test_the_same_text():
    assert similarity(ANSWER, ANSWER) == 1
    assert similarity("It took 3.2 s in all", "It took 4 s in all") == 1


def test_the_closer_the_more_alike():
    near, far = ANSWER.replace("grew", "rose"), "I do not know anything about that, please ask somebody else."
    assert 0.9 < similarity(ANSWER, near) < 1
    assert similarity(ANSWER, far) < 0.6


def test_long_texts_are_compared_word_by_word():
    one = " ".join(f"word{number}" for number in range(10_000))
    other = " ".join(f"word{number}" for number in range(10_000, 20_000))
    changed = f"first {one} last".replace("word5000 ", "another ")
    assert similarity(one, other) < 0.1
    assert similarity(one, changed) > 0.99


def test_words_beyond_the_bound_are_not_shared():
    one = " ".join(f"a{number}" for number in range(100))
    assert similarity(f"x {one} x", f"y {one} y", most=10) < 0.2


@pytest.mark.parametrize(
    ("one", "other", "changed"),
    [
        (ANSWER, ANSWER.replace("8.2", "9.1"), True),
        (ANSWER, ANSWER.replace("31 percent", "13,5 percent"), True),
        (ANSWER, ANSWER.replace("grew by 8.2", "rose by 9.1"), True),
        (ANSWER, ANSWER.replace("grew by", "rose by"), False),
        (ANSWER, ANSWER.replace("8.2 percent", "some percent"), False),
        ("between 3 and 5 pages", "from 5 to 3 pages", False),
        (ANSWER, ANSWER, False),
        ("It took 3.2 s", "It took 4.1 s", False),
    ],
)
def test_other_numbers_are_another_statement(one, other, changed):
    assert has_other_numbers(one, other) is changed


def test_an_excerpt_shows_where_texts_part():
    one, other = "a" * 1000 + "x", "a" * 1000 + "y"
    assert [len(text) for text in excerpts(one, other)] == [64, 64]
    assert [text[-1] for text in excerpts(one, other)] == ["x", "y"]
    assert excerpts("ab", "ac") == ("ab", "ac")


@given(st.text(), st.text())
def test_similarity_is_a_part_of_one_and_the_same_both_ways(one, other):
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, other) == pytest.approx(similarity(other, one))
