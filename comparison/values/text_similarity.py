"""Compares prose by similarity, because models word the same thing differently.

The similarity of two texts is the share of characters that both have in the same order (the longest common
subsequence, LCS): twice its length by the length of both. Volatile parts are masked first. So with "_" for a space:

    The_report_is_ready_after_3.2_s.     masked   The_report_is_ready_after_<duration>.   37 characters
    The_report_was_ready_after_4.1_s.    masked   The_report_was_ready_after_<duration>.  38 characters
    shared at both ends  "The_report_" and "s_ready_after_<duration>."                    36 characters
    left between them    "i" and "wa", of which nothing is shared         2 * 36 / (37 + 38) = 0.96

A word, a name or a short message is a value and not prose; and the same words with other numbers are another
statement, however similar they are.
"""

from __future__ import annotations

import re

from rapidfuzz.distance import Indel, Postfix, Prefix

from cassettes.values.volatile_shapes import masked

SHORTEST_PROSE, FEWEST_WORDS = 40, 5

MOST_CHARACTERS = 20_000
"""Characters between the shared ends that are compared one by one; longer texts are compared by words, at most as many
of them, so that the time (which grows with the square of the length) stays bounded."""

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def is_prose(text: str) -> bool:
    """Tells whether a text has so many characters and words that it could be worded differently, and is no JSON."""
    return (
        len(text) >= SHORTEST_PROSE
        and not text.lstrip().startswith(("{", "["))
        and len(text.split(maxsplit=FEWEST_WORDS)) >= FEWEST_WORDS
    )


def similarity(recorded: str, live: str, most: int = MOST_CHARACTERS) -> float:
    """Returns the similarity of two texts from 0 to 1; it is 1 only when they are equal but for volatile parts.

    `most` bounds the characters that are compared one by one, see MOST_CHARACTERS.
    """
    if recorded == live:
        return 1.0
    recorded, live = masked(recorded), masked(live)
    if recorded == live:
        return 1.0
    at_ends, recorded_middle, live_middle = without_shared_ends(recorded, live)
    if max(len(recorded_middle), len(live_middle)) <= most:
        between = common_characters(recorded_middle, live_middle)
    else:
        between = common_words_length(recorded_middle, live_middle, most)
    return min(2 * (at_ends + between) / (len(recorded) + len(live)), 1 - 1e-9)


def has_other_numbers(recorded: str, live: str) -> bool:
    """Tells whether two texts have equally many numbers, but not the same ones, in whatever order."""
    recorded_numbers, live_numbers = (sorted(NUMBER.findall(masked(text))) for text in (recorded, live))
    return len(recorded_numbers) == len(live_numbers) and recorded_numbers != live_numbers


def without_shared_ends(recorded: str, live: str) -> tuple[int, str, str]:
    """Returns how many characters two texts share at their beginning and end, and what each has between these."""
    head = Prefix.similarity(recorded, live)
    recorded, live = recorded[head:], live[head:]
    tail = Postfix.similarity(recorded, live)
    return head + tail, recorded[: len(recorded) - tail], live[: len(live) - tail]


def common_characters(recorded: str, live: str) -> int:
    """Returns the length of the longest common subsequence, from the insertions and deletions that it leaves."""
    return (len(recorded) + len(live) - Indel.distance(recorded, live)) // 2


def common_words_length(recorded: str, live: str, most: int) -> int:
    """Returns the characters of the words that two long texts share, with a space each, of their first `most` words.

    Each word becomes a number, so that words are compared as fast as characters.
    """
    recorded_words, live_words = recorded.split()[:most], live.split()[:most]
    numbers: dict[str, int] = {}
    recorded_numbers, live_numbers = (
        [numbers.setdefault(word, len(numbers)) for word in words] for words in (recorded_words, live_words)
    )
    return sum(
        len(recorded_words[place]) + 1
        for block in Indel.opcodes(recorded_numbers, live_numbers)
        if block.tag == "equal"
        for place in range(block.src_start, block.src_end)
    )


def excerpts(recorded: str, live: str, around: int = 60) -> tuple[str, str]:
    """Returns both texts from `around` characters before their first difference on, so that what is shown differs."""
    begin = max(0, Prefix.similarity(recorded, live) - around)
    mark = "..." if begin else ""
    return f"{mark}{recorded[begin:]}", f"{mark}{live[begin:]}"
