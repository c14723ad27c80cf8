from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cassettes.redaction.multi_search import FIRST, GROWTH, Words


def test_words_that_are_fixed_and_words_that_were_added_are_found_in_order():
    words = Words([b"token", b"password"])
    words.add(b"abc")
    assert words.find(b"a Password, ABC, token, abc") == [
        (2, b"password"),
        (12, b"abc"),
        (17, b"token"),
        (24, b"abc"),
    ]


def test_every_word_is_found_in_every_level_and_is_in_few():
    words = Words([])
    count = FIRST * GROWTH**2
    for number in range(count):
        words.add(b"<%05d>" % number)
        for seen in {0, number // 2, number}:
            assert words.find(b"<%05d>" % seen) == [(0, b"<%05d>" % seen)]
    assert len(words._levels) <= 4


def test_a_word_is_found_once_however_often_it_was_discarded_and_added():
    words = Words([])
    for number in range(20 * FIRST):
        words.discard(b"again")
        words.add(b"again")
        words.add(b"<%05d>" % number)
        words.find(b"")
    assert set(words.find(b"again")) == {(0, b"again")}


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([b"%d" % n for n in range(10, 40)])), max_size=400))
def test_what_was_added_and_not_discarded_is_found(steps):
    words, present = Words([b"x"]), set()
    for number, (adds, word) in enumerate(steps):
        (words.add if adds else words.discard)(word)
        (present.add if adds else present.discard)(word)
        words.add(b"filler %d" % number)
    found = {word for _, word in words.find(b" ".join(b"%d" % n for n in range(10, 40)))}
    assert present <= found
