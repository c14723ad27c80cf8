from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.tokens.finder import SPELLINGS
from replayer.selection.known_spellings import KnownSpellings

tokens = st.text(string.ascii_letters + string.digits + "/+=._-<>&'%", min_size=1, max_size=20)


@given(
    st.lists(tokens, min_size=1, max_size=8),
    st.data(),
    st.sampled_from([b"", b"/", b"%2F", b"\\n", b'": "', b"\\u003d", b" ", b"="]),
)
def test_every_spelling_that_stands_apart_is_found(known, data, before):
    spellings = KnownSpellings()
    for token in known:
        spellings.add(token)
    wanted, spell = data.draw(st.sampled_from(known)), data.draw(st.sampled_from(SPELLINGS))
    assert wanted in set(spellings.in_text(b"GET /x?" + before + spell(wanted).encode() + b" "))


@pytest.mark.parametrize("text", [b"", b"jobs/77", b"GET /jobs/77f4", b"77f3"])
def test_what_does_not_stand_there_is_not_found(text):
    spellings = KnownSpellings()
    spellings.add("job-77f3")
    assert list(spellings.in_text(text)) == []


def test_a_text_is_searched_for_the_tokens_whose_word_it_has():
    spellings = KnownSpellings()
    for number in range(1000):
        spellings.add(f"sid-{number:032x}")
    assert set(spellings.in_text(b"Cookie: sid=sid-%032x" % 7)) == {f"sid-{7:032x}"}
