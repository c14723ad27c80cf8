from __future__ import annotations

from cassettes.redaction.multi_search import RECENT, Words


def test_finds_words_in_any_case_and_overlapping():
    words = Words([b"token", b"kens"])
    assert words.find(b"my TOKENS, Token") == [(3, b"token"), (5, b"kens"), (11, b"token")]


def test_finds_what_was_added_before_and_after_a_merge():
    words = Words([b"stem"])
    added = [b"word%04d" % number for number in range(5 * RECENT)]
    for word in added:
        words.add(word)
        assert words.find(b"a stem, " + word) == [(2, b"stem"), (8, word)]
    assert [word for _, word in words.find(b" ".join(added))] == added


def test_a_discarded_word_is_gone_after_the_next_merge():
    words = Words([b"stem", b"gone"])
    words.discard(b"gone")
    for number in range(RECENT + 1):
        words.add(b"word%04d" % number)
    assert words.find(b"gone stem") == [(5, b"stem")]
