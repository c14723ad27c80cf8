"""Finds many words in a text at once, ignoring case, while words are still being added.

An Aho-Corasick automaton is fast to search with and slow to build, and every response may add a cookie. So the words
are in levels, each with an automaton of its own. New words go to the first level, which is small. A level that is full
is emptied into the next one, which is `GROWTH` times larger. So a word is built into as many automata as there are
levels, however many words there are. With room for 2 words in the first level and a growth of 2, after adding a to e:

    level 0: e      level 1: nothing      level 2: a b c d
"""

from __future__ import annotations

from collections.abc import Iterable

from ahocorasick_rs import BytesAhoCorasick, Implementation

FIRST = 48
"""Words of the first level."""

GROWTH = 4


class Words:
    """A set of words in lower case; `fixed` are always in it."""

    def __init__(self, fixed: Iterable[bytes]) -> None:
        self._fixed = Level(list(dict.fromkeys(fixed)), dense=True)
        self._words = set(self._fixed.words)
        self._levels = [Level([])]

    def add(self, word: bytes) -> None:
        """Add a word, which the next `find` finds."""
        if word in self._words:
            return
        self._words.add(word)
        first = self._levels[0]
        if len(first.words) >= FIRST:
            self._empty_first()
            first = self._levels[0]
        first.add(word)

    def discard(self, word: bytes) -> None:
        """Remove a word that is not fixed. It may still be found until its level is emptied into the next one."""
        self._words.discard(word)

    def find(self, text: bytes) -> list[tuple[int, bytes]]:
        """Return the places where words begin in a text, in their order, each with its word."""
        lowered = text.lower()
        found = self._fixed.find(lowered)
        for level in self._levels:
            if level.words:
                found += level.find(lowered)
        if len(found) > 1:
            found.sort()
        return found

    def _empty_first(self) -> None:
        """Empty the full levels into the first that has room for their words."""
        gathered: list[bytes] = []
        for number, level in enumerate(self._levels):
            room = FIRST * GROWTH**number
            gathered += (word for word in level.words if word in self._words)
            if number and len(gathered) <= room:
                break
            self._levels[number] = Level([])
        else:
            number = len(self._levels)
            self._levels.append(Level([]))
        # A word that was discarded and added again is in two levels until they meet.
        self._levels[number] = Level(list(dict.fromkeys(gathered)))


class Level:
    """Some of the words, with an automaton that is built when it is needed.

    A `dense` automaton is a full table, which is searched faster and built ten times slower.
    """

    def __init__(self, words: list[bytes], *, dense: bool = False) -> None:
        self.words = words
        self._dense = dense
        self._automaton: BytesAhoCorasick | None = None

    def add(self, word: bytes) -> None:
        """Add a word."""
        self.words.append(word)
        self._automaton = None

    def find(self, lowered: bytes) -> list[tuple[int, bytes]]:
        """Return where words begin in a text in lower case, each with its word."""
        if self._automaton is None:
            kind = Implementation.DFA if self._dense else Implementation.ContiguousNFA
            self._automaton = BytesAhoCorasick(self.words, implementation=kind)
        matches = self._automaton.find_matches_as_indexes(lowered, overlapping=True)
        return [(start, self.words[word]) for word, start, _ in matches] if matches else []
