"""Tells how far a recorded request is from one that was missed, so that the nearest can be named."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from replayer.matching.differences import RequestDifference


def distance(differences: Sequence[RequestDifference]) -> tuple[float, float]:
    """Return a distance to sort by: that of method and path, then that of the rest.

    Of two requests with the same method and path, the one with fewer differences is nearer, and of those the one whose
    values are more alike. A missed POST /chat {"query": "Hello there"} is this far from what was recorded:

        POST /chat {"query": "Hello"}     (0, 0.7)     one value, and that is alike
        POST /chat {"query": "x", ...}    (0, 1.5)     more values, less alike
        POST /chats                       (0.1, 0.5)
        GET /chat                         (1, 0.5)
    """
    head = rest = 0.0
    for one in differences:
        if one.what == "method":
            head += 1
        elif one.what == "path":
            head += unlikeness(one)
        else:
            rest += (1 + unlikeness(one)) / 2
    return head, rest


def unlikeness(difference: RequestDifference) -> float:
    """Return how different the two values are, from 0 to 1."""
    return 1 - fuzz.ratio(difference.expected, difference.found) / 100
