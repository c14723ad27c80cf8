"""Finds many words in a text at once, ignoring case, while words are still being added.

An Aho-Corasick automaton is fast to search with and slow to build, and every response may add a cookie. So there are
two: a large one, and a small one for the words that were added since, which alone is built again after an addition.
When the small one has more than `RECENT` words (or the square root of all), both are merged.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isqrt

from ahocorasick_rs import BytesAhoCorasick, Implementation

RECENT = 64
"""Words that the small automaton may have, at least."""

DENSE = 256
"""Up to this many words, the automaton is a full table, which is searched twice as fast and built ten times slower.

Building holds the interpreter's lock: a thousand words would stop the proxy for 10 ms as a table, for 1 ms without.
"""


class Words:
    """A set of words in lower case."""

    def __init__(self, words: Iterable[bytes]) -> None:
        self._words = dict.fromkeys(words)
        self._small: BytesAhoCorasick | None = None
        self._merge()

    def add(self, word: bytes) -> None:
        """Add a word, which the next `find` finds."""
        if word not in self._words:
            self._words[word] = None
            self._recent.append(word)
            self._small = None

    def discard(self, word: bytes) -> None:
        """Remove a word. It may still be found until the automata are merged."""
        self._words.pop(word, None)

    def find(self, text: bytes) -> list[tuple[int, bytes]]:
        """Return the places where words begin in a text, in their order, each with its word."""
        self._refresh()
        lowered = text.lower()
        found = _matches(self._large, self._merged, lowered)
        if self._small is not None:
            found += _matches(self._small, self._recent, lowered)
        found.sort()
        return found

    def _refresh(self) -> None:
        if len(self._recent) > max(RECENT, isqrt(len(self._words))):
            self._merge()
        elif self._recent and self._small is None:
            self._small = BytesAhoCorasick(self._recent)

    def _merge(self) -> None:
        self._merged = list(self._words)
        dense = Implementation.DFA if len(self._merged) <= DENSE else None
        self._large = BytesAhoCorasick(self._merged, implementation=dense)
        self._recent: list[bytes] = []
        self._small = None


def _matches(automaton: BytesAhoCorasick, words: list[bytes], text: bytes) -> list[tuple[int, bytes]]:
    found = automaton.find_matches_as_indexes(text, overlapping=True)
    return [(start, words[word]) for word, start, _ in found]
