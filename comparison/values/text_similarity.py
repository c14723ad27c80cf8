"""Texts by similarity: models word the same thing differently.

Only prose is compared so. A word, a name or a short message is a value, and much the same words with other numbers
are another statement, not another wording.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import Indel, Postfix, Prefix

from comparison.values.volatile_shapes import masked

SHORTEST_PROSE, FEWEST_WORDS = 40, 5

MOST_CHARACTERS = 20_000
"""Of what two texts do not share at both ends; more is compared word by word, and at most that many words."""

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def is_prose(text: str) -> bool:
    """Whether a text is long enough to be worded in several ways."""
    return (
        len(text) >= SHORTEST_PROSE
        and not text.lstrip().startswith(("{", "["))
        and len(text.split(maxsplit=FEWEST_WORDS)) >= FEWEST_WORDS
    )


def similarity(one: str, other: str) -> float:
    """From 0 to 1, 1 for texts that are the same but for what varies by nature (see `shapes`)."""
    if one == other or (one := masked(one)) == (other := masked(other)):
        return 1.0
    shared, (left, right) = without_ends(one, other)
    longest = max(len(left), len(right))
    if longest <= MOST_CHARACTERS:
        alike = float(len(left) + len(right) - Indel.distance(left, right))
    else:
        alike = _alike_words(left, right)
    return min((2 * shared + alike) / (len(one) + len(other)), 1 - 1e-9)


def says_other_numbers(one: str, other: str) -> bool:
    """Whether two texts have as many numbers, and not the same ones, in whatever order."""
    ours, theirs = (sorted(NUMBER.findall(masked(text))) for text in (one, other))
    return len(ours) == len(theirs) and ours != theirs


def without_ends(one: str, other: str) -> tuple[int, tuple[str, str]]:
    """How many characters two texts share at their ends, and what is between them."""
    head = Prefix.similarity(one, other)
    one, other = one[head:], other[head:]
    tail = Postfix.similarity(one, other)
    return head + tail, (one[: len(one) - tail], other[: len(other) - tail])


def _alike_words(one: str, other: str) -> float:
    """How many characters two long texts share, counted in whole words; what lies beyond the bound is not shared."""
    left, right = (text.split()[:MOST_CHARACTERS] for text in (one, other))
    known: dict[str, int] = {}
    numbers = [[known.setdefault(word, len(known)) for word in words] for words in (left, right)]
    shared: Sequence[int] = [
        len(left[place]) + 1
        for block in Indel.opcodes(*numbers)
        if block.tag == "equal"
        for place in range(block.src_start, block.src_end)
    ]
    return 2.0 * sum(shared)


def excerpts(one: str, other: str, around: int = 60) -> tuple[str, str]:
    """Both texts from shortly before the place where they part, so that what is shown of them differs."""
    begin = max(0, Prefix.similarity(one, other) - around)
    mark = "..." if begin else ""
    return f"{mark}{one[begin:]}", f"{mark}{other[begin:]}"
