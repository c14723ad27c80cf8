"""Finds what makes a text another statement, however similar its wording is: numbers, negations, names, directions.

recorded  Revenue grew by twelve percent to 9.9 million. Acme did not sell.
live      Revenue rose by 12 % to 9.9 billion. Acme did sell.

9.9 million, 9.9 billion    another unit            twelve percent and 12 % are the same quantity, and so are
not, nothing                a negation is gone      the directions of "grew" and "rose"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from cassettes.values.volatile_shapes import masked
from comparison.alignment.sequences import edits
from comparison.values.text_similarity import similarity
from comparison.values.vocabulary import DOWN, MULTIPLES, NEGATIONS, NUMBER_WORDS, OPENERS, UNITS, UP

MOST_SENTENCES = 400
"""Sentences of each text that are aligned; texts with more are compared as a whole."""

SENTENCE = re.compile(r"\S.*?(?:[.!?…](?=[\s\"')\]]*(?:\s|\Z))[\"')\]]*|\n\s*\n|\Z)", re.DOTALL)
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # noqa: RUF001 - an apostrophe

QUANTITY = re.compile(
    r"(?P<sign>[$€£¥])?\s?(?<![\w.])(?P<number>[-−]?\d+(?:[.,]\d+)*)(?:\s?(?P<unit>%|°[CF]|[$€£¥]|[^\W\d_]+))?"  # noqa: RUF001
)
THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")

MOST_CAPITALS = 0.3
"""The part of words with a capital letter from which on a text is one in which these are not only names."""

SAME_SENTENCE = 0.5
"""The similarity that two sentences need to be one that was changed."""


class Statement(NamedTuple):
    """A difference between two texts that always counts: what both sides have there, "" for nothing, and why."""

    recorded: str
    live: str
    why: str


def sentences(text: str) -> list[str]:
    """Return the sentences of a text; an empty line ends one, too."""
    return [found[0].strip() for found in SENTENCE.finditer(text) if found[0].strip()]


def aligned_sentences(recorded: str, live: str) -> list[tuple[str, str]]:
    """Return the sentences that belong together; "" on the side that lacks one."""
    left, right = sentences(recorded), sentences(live)
    if max(len(left), len(right)) > MOST_SENTENCES:
        return [(recorded, live)]
    keys = [masked(one) for one in left], [masked(one) for one in right]

    def alike(place: int, other: int) -> float:
        found = similarity(left[place], right[other])
        return found if found >= SAME_SENTENCE else 0.0

    return [
        ("" if edit.left is None else left[edit.left], "" if edit.right is None else right[edit.right])
        for edit in edits(keys[0], keys[1], alike)
    ]


def contradictions(recorded: str, live: str) -> Iterator[Statement]:
    """Yield what makes one text another statement than the other, a sentence at a time."""
    if masked(recorded) == masked(live):
        return
    pairs = aligned_sentences(recorded, live)
    found = [
        Statement(left, right, why)
        for left, right in pairs
        if left and right and (why := contradiction(left, right))
    ]
    yield from found
    if not found and (why := other_quantities(recorded, live) or other_names(recorded, live)):
        yield Statement(*differing(pairs), why)


def differing(pairs: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return the sentences of both sides that are not the same, as one text for each."""
    changed = [pair for pair in pairs if pair[0] != pair[1]]
    return " ".join(left for left, _ in changed if left), " ".join(right for _, right in changed if right)


def contradiction(recorded: str, live: str) -> str:
    """Return why two sentences that belong together say something else, "" where they do not."""
    if masked(recorded) == masked(live):
        return ""
    return (
        other_quantities(recorded, live)
        or other_negation(recorded, live)
        or other_direction(recorded, live)
        or other_names(recorded, live)
    )


def other_quantities(recorded: str, live: str) -> str:
    """Return in words which numbers, number words or units differ."""
    left, right = set(quantities(recorded)), set(quantities(live))
    gone, come = sorted(left - right), sorted(right - left)
    if not gone and not come:
        return ""
    return f"a number or unit changed: {', '.join(gone) or 'none'} became {', '.join(come) or 'none'}"


def quantities(text: str) -> Iterator[str]:
    """Yield the numbers of a text with their units, in one spelling, and words such as "half"."""
    plain = WORD.sub(lambda found: NUMBER_WORDS.get(found[0].lower(), found[0]), masked(text))
    for found in QUANTITY.finditer(plain):
        unit = UNITS.get((found["unit"] or "").lower(), "")
        signs = [sign for sign in (UNITS.get(found["sign"] or "", ""), unit) if sign]
        yield " ".join([number(found["number"]), *signs])
    yield from (word for word in words(text) if word in MULTIPLES)


def number(text: str) -> str:
    """Return a number in one spelling: 1,000.50 and 1000.5 are the same."""
    plain = text.replace("−", "-")  # noqa: RUF001 - a minus sign, as people write it
    plain = plain.replace(",", "") if THOUSANDS.fullmatch(plain) else plain.replace(",", ".")
    try:
        return format(Decimal(plain).normalize(), "f")
    except InvalidOperation:  # several points, as in a date or a version
        return plain


def words(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return [found.lower().replace("’", "'") for found in WORD.findall(text)]  # noqa: RUF001 - an apostrophe


def other_negation(recorded: str, live: str) -> str:
    """Return in words that only one of two sentences is negated."""
    left, right = (sum(is_negation(word) for word in words(text)) for text in (recorded, live))
    if left % 2 == right % 2:
        return ""
    return "a negation was added" if right > left else "a negation is gone"


def is_negation(word: str) -> bool:
    """Return whether a word negates."""
    return word in NEGATIONS or word.endswith("n't")


def other_direction(recorded: str, live: str) -> str:
    """Return in words that two sentences say the opposite of each other."""
    left, right = ({word for word in words(text) if word in UP | DOWN} for text in (recorded, live))
    gone, come = left - right, right - left
    if (gone & UP and come & DOWN and not gone & DOWN) or (gone & DOWN and come & UP and not gone & UP):
        return f"the opposite: {', '.join(sorted(gone))} became {', '.join(sorted(come))}"
    return ""


def other_names(recorded: str, live: str) -> str:
    """Return in words which names took the places of others."""
    left, right = names(recorded), names(live)
    all_left, all_right = set(words(recorded)), set(words(live))
    gone = sorted(name for name in left if name.lower() not in all_right)
    come = sorted(name for name in right if name.lower() not in all_left)
    return f"a name changed: {', '.join(gone)} became {', '.join(come)}" if gone and come else ""


def names(text: str) -> set[str]:
    """Return the words of a text with a capital letter, without those that only begin a sentence."""
    found, count, small = set(), 0, {word for word in WORD.findall(text) if word[0].islower()}
    for sentence in sentences(text):
        for place, word in enumerate(WORD.findall(sentence)):
            count += 1
            opens = place == 0 and word.lower() in OPENERS
            if word[0].isupper() and len(word) > 1 and not opens and word.lower() not in small:
                found.add(word)
    return found if len(found) <= MOST_CAPITALS * max(count, 8) else set()
