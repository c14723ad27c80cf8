"""The filter over the table of exchanges: words that all must match.

    chat                free text, in the method, the path and query, or the status
    status:404          also status:4xx, and status:none for an exchange without an answer
    kind:stream         or job, or plain
    method:POST
    path:/jobs/*        the path without its query; * stands for anything
    event:error         has an event of that type
    how:reset           ended so
    session:0.3         belongs to it; so does job:0.5
    duration:>2s        also <, >=, <= and =; so do first: (time to the first event), events:, heartbeats:, errors:,
                        chunks: and bytes:
    -word               does not match the word
    "two words"         one word with a blank, or with a colon; also path:"/a b"

Free text is found in any case.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from foundation.errors import UsageError
from inspector.filter.criteria import KEYS, Side, Test, Wanted, free_text

KEY = re.compile(r"[a-zA-Z_]+:")
WORD = re.compile(r'(-?)(?:([a-zA-Z_]+):)?(?:"([^"]*)"|([^\s"]+))(?=\s|$)|(\S+)')
MOST_WORDS = 20


class Word(NamedTuple):
    """One word of a filter."""

    negated: bool
    wanted: Wanted


def parse(text: str) -> list[Word]:
    """The words of a filter; raises UsageError, which says what can be written."""
    found = list(WORD.finditer(text))
    if len(found) > MOST_WORDS:
        raise UsageError(f"a filter has {MOST_WORDS} words at most")
    return list(map(word_of, found))


def word_of(found: re.Match[str]) -> Word:
    """One word; raises UsageError."""
    minus, key, quoted, plain, rest = found.groups()
    if rest is not None:
        raise UsageError(f"{rest}: a quote begins or ends inside a word; quote the whole word")
    value = quoted if plain is None else plain
    if key is None and plain is not None and KEY.fullmatch(plain):
        raise UsageError(f"{plain} needs a value")
    if key is None:
        return Word(bool(minus), free_text(value))
    if key.lower() not in KEYS:
        known = ", ".join(f"{one}:" for one in KEYS)
        raise UsageError(f'there is no {key}: to filter by; write {known}, or "{key}:..." to find the text')
    return Word(bool(minus), KEYS[key.lower()](value))


def made_ready(words: Sequence[Word], side: Side) -> list[Test]:
    """The words made ready for a file; an exchange must pass all of them."""
    return [negative(word.wanted(side)) if word.negated else word.wanted(side) for word in words]


def negative(test: Test) -> Test:
    """Passes what the test does not."""
    return lambda number: not test(number)
