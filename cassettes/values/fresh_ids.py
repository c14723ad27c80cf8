"""Tells of two values in the same place whether both are ids that were made at random, each for its own run.

One value alone does not show that: two of three nanoids have no digit in some part, and `deadbeef` may be a word. Two
values show what an id keeps, its length and what stands around the random part, and together have enough characters
to tell chance from words and numbers:

    chatcmpl-AbCdefGhijKlmnOpqrst   the same length and beginning; the rest, "AbCdef..." and "9x2Qa...", has letters
    chatcmpl-9x2QaLz71bvTe4WuRs0k   of both cases and digits in a disorder that no word has: two ids
    claude-3-5-sonnet-20241022      the rest, "20241022" and "20250219", are numbers: two values
    claude-3-5-sonnet-20250219
    annual_report_2023q1            the rest, "2023q1" and "2024q2", is too short to be more than a likeness
    annual_report_2024q2

In a field that is named as one (`id`, `requestId`, `session_hash`) less of that is enough than in any other.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

LONGEST = 4096
"""Characters of a value that is looked at; a longer one is no id."""

NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
ID_NAME = re.compile(
    "ids?|uid|uuids?|guid|ulid|nonce|hash|cursor|etag|fingerprint|signature|token|key|ref|ray"
)
"""The last word in the name of a field that holds an id."""

PADDING_NAME = re.compile("obfuscation|padding|nonce|salt|signature")
"""The last word in the name of a field whose value says nothing, however long it is."""

WORD = re.compile(r"[!-~]+")
SEPARATOR = re.compile(r"[^A-Za-z0-9]")
TO_SEPARATOR = re.compile(r".*[^A-Za-z0-9]", re.DOTALL)
LOWER_HEX, UPPER_HEX = re.compile("[0-9a-f]+"), re.compile("[0-9A-F]+")
LOWER_WORD = re.compile("[a-z]{2,}")
NUMBERED_WORDS = re.compile(r"(?:[A-Z]?[a-z]+|[A-Z]+)+\d+")
"""What people call a thing, such as `AnnualReport2023`."""

SHORTEST_HEX, SHORTEST = {True: 6, False: 8}, {True: 8, False: 12}
"""Characters that a random part has at least, in a field with the name of an id and in others."""

LONG_NUMBER = 10
"""Digits of a number that is an id: Unix time in seconds has as many."""

LONG = {True: 10, False: 16}
"""Characters from which a random part may have separators in it, as nanoids do, in either kind of field."""

LONG_ALIKE = 16
"""Characters from which two random parts may have much in common, as ids do that begin with a time (ULID)."""

MOST_ALIKE = 0.5
"""The part of the places in which two shorter ids may have the same character."""

DISORDER = {True: 0.05, False: 0.2}
"""How often, of all neighbours, a word or number ends without a separator in ids of either kind of field: in random
base 62 about 0.5, in base 36 about 0.4, in `AnnualReport2023` and `llama3.1:8b-instruct` 0.1."""

DISORDER_OF_LETTERS = 0.25
"""The same for letters alone: 0.3 where they are random, below 0.2 in `getWeatherForCity`."""


class IdKind(NamedTuple):
    """What ids of one kind share: what stands before the random part, and its length in characters."""

    prefix: str
    length: int


@lru_cache(maxsize=2048)
def is_id_name(name: str) -> bool:
    """Returns whether a field of this name holds an id, as `id`, `requestId` or `x-request-id` do."""
    words = NAME_PARTS.findall(name)
    return bool(words) and ID_NAME.fullmatch(words[-1].lower()) is not None


def is_padding_name(name: str) -> bool:
    """Returns whether a field of this name holds characters that only fill or seal."""
    words = NAME_PARTS.findall(name)
    return bool(words) and PADDING_NAME.fullmatch(words[-1].lower()) is not None


def kind_of_ids(one: str, other: str, name: str, known: Container[tuple[str, int]]) -> IdKind | None:
    """Returns the kind of two different values in fields of this name when both are random ids of it; else None.

    Of a kind that is `known` already, ids need to show no more than that they have its form.
    """
    if len(one) != len(other) or not (is_word(one) and is_word(other)):
        return None
    named = is_id_name(name)
    begin = shared_beginning(one, other)
    end = len(one) - shared_beginning(one[begin:][::-1], other[begin:][::-1])
    kind = IdKind(one[:begin], end - begin)
    parts = one[begin:end], other[begin:end]
    if (kind in known and named and not any(map(SEPARATOR.search, parts))) or are_random(*parts, named=named):
        return kind
    return None


def may_be_id(value: str, name: str) -> bool:
    """Returns whether a value has the name and the length of an id, whatever its characters are."""
    return len(value) >= SHORTEST[True] and is_id_name(name) and is_word(value)


def are_padding(one: str, other: str, name: str) -> bool:
    """Returns whether two values only fill or seal, so that not even their length says anything."""
    return is_padding_name(name) and all(not text or is_word(text) for text in (one, other))


def is_word(text: str) -> bool:
    """Returns whether a text is of printable ASCII without blanks, and not too long."""
    return len(text) <= LONGEST and WORD.fullmatch(text) is not None


def shared_beginning(one: str, other: str) -> int:
    """Returns how many characters two texts share up to, and with, a separator: 4 of `msg_a1` and `msg_a2`."""
    from rapidfuzz.distance import Prefix  # noqa: PLC0415 - it takes 20 ms, and few replays compare ids

    found = TO_SEPARATOR.match(one[: Prefix.similarity(one, other)])
    return found.end() if found else 0


def are_random(one: str, other: str, *, named: bool) -> bool:
    """Returns whether two parts of the same length are both random; `named` says that their field is an id's.

    Where both have their separators in the same places, every piece that differs has to be random by itself.
    """
    pieces, other_pieces = SEPARATOR.split(one), SEPARATOR.split(other)
    if list(map(len, pieces)) == list(map(len, other_pieces)):
        differing = [pair for pair in zip(pieces, other_pieces, strict=True) if pair[0] != pair[1]]
        if all(are_random_pieces(*pair, named=named) for pair in differing):
            return True
        by_hand = len(differing) > 1 and len(one) < LONG_ALIKE
        if by_hand or any(all(map(LOWER_WORD.fullmatch, pair)) for pair in differing):
            return False
    return len(one) >= LONG[named] and disorder(one, other) >= least_disorder(one + other, named=False)


def are_random_pieces(one: str, other: str, *, named: bool) -> bool:
    """Returns whether two words of the same length, of letters and digits alone, are both random."""
    length = len(one)
    if length < LONG_ALIKE and likeness(one, other) > MOST_ALIKE:
        return False
    if (one + other).isdecimal():
        return named and length >= LONG_NUMBER
    if is_hex(one) and is_hex(other) and not (one + other).isalpha():
        return length >= SHORTEST_HEX[named]
    if all(map(NUMBERED_WORDS.fullmatch, (one, other))):
        return False
    return length >= SHORTEST[named] and disorder(one, other) >= least_disorder(one + other, named=named)


def least_disorder(text: str, *, named: bool) -> float:
    """Returns how much disorder the characters of two random parts have at least."""
    return DISORDER_OF_LETTERS if text.isalpha() else DISORDER[named]


def is_hex(word: str) -> bool:
    """Returns whether a word is hexadecimal in one case."""
    return LOWER_HEX.fullmatch(word) is not None or UPPER_HEX.fullmatch(word) is not None


def likeness(one: str, other: str) -> float:
    """Returns the part of the places, from 0 to 1, in which two words of the same length have the same character."""
    return sum(left == right for left, right in zip(one, other, strict=True)) / len(one)


def disorder(*words: str) -> float:
    """Returns how often, of all neighbouring characters, a word or a number ends without a separator, from 0 to 1.

    In `a1B` it ends twice of two times, in `getWeather` once of nine, in `q3_report` once of eight.
    """
    ends = sum(sum(1 for _ in inner_ends(word)) for word in words)
    return ends / max(1, sum(len(word) - 1 for word in words))


def inner_ends(word: str) -> Iterator[int]:
    """Yields where a run of letters, or of digits, ends in a word and another begins at once."""
    runs = [found.span() for found in NAME_PARTS.finditer(word)]
    return (end for (_, end), (begin, _) in pairwise(runs) if end == begin)
