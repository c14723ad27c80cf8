"""The language of the filter over the table of exchanges: words that all must match; `word_list` explains them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from foundation.errors import UsageError
from inspector.filter.criteria import CRITERIA, Criterion, FilteredFile, Matches, TextCriterion
from inspector.indexing.text_search import TextTerm

KEY = re.compile(r"[a-zA-Z_]+:")
WORD = re.compile(r'(-?)(?:([a-zA-Z_]+):)?(?:"([^"]*)"|([^\s"]+))(?=\s|$)|(\S+)')
MOST_WORDS = 20


class Word(NamedTuple):
    """One word of a filter; `negated` where it begins with a minus."""

    negated: bool
    criterion: Criterion


def parse(text: str) -> list[Word]:
    """Read a filter; raises UsageError, whose message says what can be written."""
    found = list(WORD.finditer(text))
    if len(found) > MOST_WORDS:
        raise UsageError(f"a filter has {MOST_WORDS} words at most")
    return list(map(word_of, found))


def word_of(found: re.Match[str]) -> Word:
    """Read one word from a match of WORD; raises UsageError."""
    minus, key, quoted, plain, rest = found.groups()
    if rest is not None:
        raise UsageError(f"{rest}: a quote begins or ends inside a word; quote the whole word")
    value = quoted if plain is None else plain
    if key is None and plain is not None and KEY.fullmatch(plain):
        raise UsageError(f"{plain} needs a value")
    if key is None:
        return Word(bool(minus), TextCriterion("anywhere", value))
    if key.lower() not in CRITERIA:
        known = ", ".join(f"{one}:" for one in CRITERIA)
        raise UsageError(f'there is no {key}: to filter by; write {known}, or "{key}:..." to find the text')
    return Word(bool(minus), CRITERIA[key.lower()](value))


def text_terms(words: Sequence[Word]) -> list[TextTerm]:
    """The texts that words look for in all of an exchange."""
    return [word.criterion.term for word in words if isinstance(word.criterion, TextCriterion)]


def prepared(words: Sequence[Word], file: FilteredFile) -> list[Matches]:
    """The words, each prepared for a file; an exchange must match all of them."""
    tests = ((word.negated, word.criterion(file)) for word in words)
    return [negation(matches) if negated else matches for negated, matches in tests]


def negation(matches: Matches) -> Matches:
    """Matches what another test does not."""
    return lambda number: not matches(number)
