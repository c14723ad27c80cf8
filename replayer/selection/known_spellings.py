"""Finds which of a session's tokens stand in a request, without looking for every token that the session ever had.

A session whose cookie is set anew with each answer has as many tokens as it made requests. Each spelling is filed under
its longest word, and only those whose word the request has are looked for. For the tokens `job-77f3` and `a1b2c3/d4`:

    words          77f3 -> job-77f3    a1b2c3 -> a1b2c3/d4, a1b2c3%2Fd4
    GET /jobs/77f3 has the words GET, jobs, 77f3: `job-77f3` is looked for, and does not stand there
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from cassettes.tokens.finder import SPELLINGS

WORD = re.compile(rb"%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\[bfnrt]|[A-Za-z0-9]+")
"""A word, or an escape, which can stand directly in front of one."""


class KnownSpellings:
    """The tokens of one client session in all their spellings."""

    def __init__(self) -> None:
        self._by_word: dict[bytes, dict[bytes, str]] = defaultdict(dict)

    def add(self, token: str) -> None:
        """Add a token."""
        for spell in SPELLINGS:
            spelling = spell(token).encode()
            word = max(WORD.findall(spelling), key=len, default=b"")
            self._by_word[word][spelling] = token

    def in_text(self, text: bytes) -> Iterator[str]:
        """The tokens that stand in a text, each once for every spelling that does."""
        for word in {*WORD.findall(text), b""}:
            for spelling, token in self._by_word.get(word, {}).items():
                if spelling in text:
                    yield token
