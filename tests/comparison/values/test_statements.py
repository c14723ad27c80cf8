from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.values.statements import aligned_sentences, contradictions, quantities, sentences

TEXT = "Revenue grew by 12 % to 9.9 million in 2025. Costs did not fall. Acme Ltd is the largest client."

OTHER = {
    "a number": ("12 %", "13 %"),
    "a decimal": ("9.9 million", "9.8 million"),
    "a year": ("in 2025", "in 2024"),
    "a scale": ("9.9 million", "9.9 billion"),
    "a unit": ("12 %", "12 km"),
    "a lost unit": ("9.9 million", "9.9"),
    "a lost number": ("by 12 % to", "to"),
    "a number word": ("12 %", "twenty percent"),
    "a multiple": ("grew by", "doubled by"),
    "a negation that is gone": ("did not fall", "did fall"),
    "a negation that was added": ("is the largest", "is not the largest"),
    "a short negation": ("is the largest", "isn't the largest"),
    "never": ("is the largest", "was never the largest"),
    "the opposite": ("grew", "fell"),
    "a name": ("Acme", "Beta"),
    "a name inside": ("Acme Ltd", "Acme Inc"),
    "a currency": ("to 9.9 million", "to $9.9 million"),
}

SAME = {
    "the same": ("x", "x"),
    "another word": ("grew", "rose"),
    "a number as a word": ("12 %", "twelve percent"),
    "thousands": ("12 %", "12.0 percent"),
    "a wording": ("Costs did not fall", "The costs did not fall"),
    "an order": ("by 12 % to 9.9 million", "to 9.9 million, by 12 %,"),
    "a spelling": ("did not", "didn't"),
}


@pytest.mark.parametrize(("old", "new"), OTHER.values(), ids=OTHER)
def test_another_statement(old, new):
    changed = TEXT.replace(old, new)
    assert changed != TEXT
    assert list(contradictions(TEXT, changed))
    assert list(contradictions(changed, TEXT))


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
def test_the_same_statement_in_other_words(old, new):
    assert list(contradictions(TEXT, TEXT.replace(old, new))) == []


def test_it_tells_the_sentence():
    (found,) = contradictions(TEXT, TEXT.replace("not fall", "fall"))
    assert found == ("Costs did not fall.", "Costs did fall.", "a negation is gone")


def test_times_of_day_are_no_numbers():
    assert list(contradictions("Done at 10:22:33 today.", "Done at 11:23:34 today.")) == []


def test_numbers_that_change_places_between_sentences():
    assert list(contradictions("Sales grew by 3 %. Costs by 5 %.", "Sales grew by 5 %. Costs by 3 %."))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,000.50 EUR and 3 km", {"1000.5 €", "3 km"}),
        ("$5 million", {"5 $ million"}),
        ("twelve percent, 12 %", {"12 %"}),
        ("version 1.2.3", {"1.2.3"}),
        ("minus -4", {"-4"}),
        ("half of it", {"half"}),
        ("one of them", set()),
    ],
)
def test_quantities(text, expected):
    assert set(quantities(text)) == expected


def test_sentences():
    assert sentences('He said "No." Then 3.5 % fell! \n\nA list\n- a\n\nEnd') == [
        'He said "No."', "Then 3.5 % fell!", "A list\n- a", "End",
    ]  # fmt: skip
    assert aligned_sentences("One is here. Two is there.", "Two is there.") == [
        ("One is here.", ""),
        ("Two is there.",) * 2,
    ]


@given(st.text(), st.text())
def test_any_text_is_the_same_as_itself_and_both_ways(one, other):
    assert list(contradictions(one, one)) == []
    assert bool(list(contradictions(one, other))) == bool(list(contradictions(other, one)))
